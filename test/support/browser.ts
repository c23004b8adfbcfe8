import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Nothing a test browser does of its own accord may reach the network. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Starts a headless Chromium: `STEPGATE_BROWSER`, else one on the PATH, else the one playwright-core installed. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.STEPGATE_BROWSER ?? onPath();
  return chromium.launch({ args: QUIET, ...(executablePath === undefined ? {} : { executablePath }) });
}

function onPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file));
}
