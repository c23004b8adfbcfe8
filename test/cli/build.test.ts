import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const run = (program: string, ...args: string[]) => spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });

const IN_A_THREAD = `
  import { createVerifiers } from './dist/providers/saml/verifiers.js';
  const verifiers = createVerifiers();
  process.stdout.write((await verifiers.judge({ field: '', provider: {}, own: {} }, 30)).detail);
  verifiers.close();
`;

describe('the build that is published and put into containers', () => {
  it('compiles, and what comes of it runs without the sources', () => {
    const built = run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
    assert.equal(built.status, 0, built.stdout);
    const checked = run(process.execPath, 'dist/main.js', 'check', '--without-secrets', '--config', 'gateway.yaml');
    assert.equal(checked.status, 0, checked.stderr);
    assert.match(checked.stdout, /Levels, weakest first/);
    // The one file that no other imports: a thread of its own runs it.
    const judged = run(process.execPath, '--input-type=module', '-e', IN_A_THREAD);
    assert.equal(judged.stdout, 'check failed: base64', judged.stderr);
  });
});
