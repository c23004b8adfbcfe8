// Plain JavaScript on purpose, like guard.js. Before the interop tests: is there a SimpleSAMLphp? As root on Debian it is
// installed, anywhere else this says how to get it. The interop tests are never skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PACKAGES = ['simplesamlphp', 'php-cli', 'php-xml', 'php-sqlite3', 'openssl'];
/** A package of web applications would start its web server where there is one. */
const NO_SERVICES = '/usr/sbin/policy-rc.d';

export const HOW_TO = [
  'The interop tests need SimpleSAMLphp, and it was not found.',
  `Debian: apt-get install --no-install-recommends ${PACKAGES.join(' ')}`,
].join('\n');

/** @param {(path: string) => boolean} exists */
export const isInstalled = (exists = existsSync) =>
  exists('/usr/share/simplesamlphp/www/saml2/idp/SSOService.php') && exists('/usr/bin/php');

function installWithApt() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get')) return;
  console.log('No SimpleSAMLphp found: installing it with apt-get (about 40 MB, once) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = !existsSync(NO_SERVICES);
  if (quiet) spawnSync('sh', ['-c', `printf '#!/bin/sh\\nexit 101\\n' > ${NO_SERVICES} && chmod 755 ${NO_SERVICES}`]);
  for (const step of [['update'], ['install', '-y', '--no-install-recommends', ...PACKAGES]]) {
    console.log(`apt-get ${step.join(' ')}`);
    spawnSync('apt-get', step, { env, stdio: 'inherit' });
  }
  if (quiet) spawnSync('rm', [NO_SERVICES]);
}

if (import.meta.main) {
  if (!isInstalled()) installWithApt();
  if (!isInstalled()) {
    console.error(HOW_TO);
    process.exit(1);
  }
}
