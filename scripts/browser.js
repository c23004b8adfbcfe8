// Plain JavaScript on purpose, like guard.js. Before the tests: is there a Chromium? As root on Debian it is installed,
// anywhere else this says how to get one. The browser tests are never skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

export const HOW_TO = [
  'The browser tests need Chromium, and none was found.',
  'Debian, Ubuntu: apt-get install chromium (Ubuntu: chromium-browser). Elsewhere: install Chromium or Chrome.',
  'If it is in an unusual place, say where: STEPGATE_CHROMIUM=/path/to/chromium npm test',
].join('\n');

/**
 * The Chromium to use, or null.
 *
 * @param {Record<string, string | undefined>} env
 * @param {(path: string) => boolean} exists
 * @returns {string | null}
 */
export function findChromium(env = process.env, exists = existsSync) {
  const named = env.STEPGATE_CHROMIUM;
  // Named and missing is a mistake to be told, not a reason to take another one.
  if (named !== undefined && named !== '') return exists(named) ? named : null;
  return PLACES.find((place) => exists(place)) ?? null;
}

function installWithApt() {
  console.log('No Chromium found: installing it with apt-get (about 100 MB, once) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']];
  return steps.every((step) => {
    console.log(`apt-get ${step.join(' ')}`);
    return spawnSync('apt-get', step, { env, stdio: 'inherit' }).status === 0;
  });
}

function canInstall() {
  const isRoot = process.getuid?.() === 0;
  return (
    isRoot && !process.env.STEPGATE_CHROMIUM && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
  );
}

if (import.meta.main) {
  const found = findChromium() ?? (canInstall() && installWithApt() ? findChromium() : null);
  if (found === null) {
    console.error(HOW_TO);
    process.exit(1);
  }
}
