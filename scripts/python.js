// Plain JavaScript on purpose, like guard.js. Before the tests: is there a Python that can verify a JWT? As root on Debian
// its packages are installed, elsewhere they go into a virtual environment of this folder; where neither works this says
// how to get one. The tests that need it are never skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Gone with `npm ci`, like everything that is installed for this folder. */
const VENV = join(import.meta.dirname, '../node_modules/.cache/stepgate-python');
const PLACES = ['/usr/bin/python3', 'python3', 'python', join(VENV, 'bin/python'), join(VENV, 'Scripts/python.exe')];

export const HOW_TO = [
  'The tests of docs/upstreams.md need a Python with PyJWT and cryptography, and none was found.',
  'Debian, Ubuntu: apt-get install python3-jwt python3-cryptography. Elsewhere: pip install pyjwt cryptography',
  'If it is in an unusual place, say where: STEPGATE_PYTHON=/path/to/python npm test',
].join('\n');

/** @param {string} python */
const verifies = (python) =>
  spawnSync(python, ['-c', 'import jwt, cryptography; jwt.PyJWKClient; jwt.algorithms.ECAlgorithm']).status === 0;

/**
 * The Python to use, or null.
 *
 * @param {Record<string, string | undefined>} env
 * @param {(python: string) => boolean} works
 * @returns {string | null}
 */
export function findPython(env = process.env, works = verifies) {
  const named = env.STEPGATE_PYTHON;
  // Named and of no use is a mistake to be told, not a reason to take another one.
  if (named !== undefined && named !== '') return works(named) ? named : null;
  return PLACES.find((place) => works(place)) ?? null;
}

/** @param {readonly (readonly [string, ...string[]])[]} steps */
function run(steps) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return steps.every(([program, ...rest]) => {
    console.log([program, ...rest].join(' '));
    return spawnSync(program, rest, { env, stdio: 'inherit' }).status === 0;
  });
}

function installWithApt() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get')) return false;
  console.log('No Python with PyJWT found: installing it with apt-get (once) …');
  const packages = ['python3-minimal', 'python3-jwt', 'python3-cryptography'];
  return run([
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', '--no-install-recommends', ...packages],
  ]);
}

function installWithPip() {
  console.log('No Python with PyJWT found: installing it below node_modules/.cache with pip (once) …');
  const python = existsSync(join(VENV, 'Scripts')) ? join(VENV, 'Scripts/python.exe') : join(VENV, 'bin/python');
  return run([
    ['python3', '-m', 'venv', VENV],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'pyjwt>=2.6,<3', 'cryptography'],
  ]);
}

if (import.meta.main) {
  const install = () => !process.env.STEPGATE_PYTHON && (installWithApt() || installWithPip());
  if (findPython() === null && (!install() || findPython() === null)) {
    console.error(HOW_TO);
    process.exit(1);
  }
}
