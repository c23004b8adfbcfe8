import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { test } from '../../src/cli/test.ts';
import { EXAMPLES } from './served.ts';

const ROOT = join(EXAMPLES, '..');

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const io = { out: say, err: say, env: () => undefined, cwd: ROOT };
  return { code: await test(args, { ...io, readFile: (path) => readFileSync(path) }), said };
}

describe('the policies that come with Stepgate', () => {
  for (const gateway of ['gateway.yaml', 'examples/two-apps/gateway.yaml']) {
    it(`of ${gateway} have tests that would miss everything in them`, async () => {
      const { code, said } = await run('--config', gateway, '--without-secrets', '--coverage', '--strict');
      assert.equal(code, 0, said);
      assert.match(said, /\b9 tests\n\nCoverage: (\d+) of \1\n$/);
    });
  }
});
