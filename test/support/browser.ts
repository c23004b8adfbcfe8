import { type Browser, chromium } from 'playwright-core';
import { findChromium, HOW_TO } from '../../scripts/browser.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts Chromium without a window. Whoever starts it closes it.
 *
 * @throws Error that says how to get Chromium, where there is none: a browser test is never skipped
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error(HOW_TO);
  return chromium.launch({ executablePath, args: FLAGS });
}
