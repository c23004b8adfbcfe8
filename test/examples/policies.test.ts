import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { check } from '../../src/cli/check.ts';
import type { Command } from '../../src/cli/command.ts';
import { test } from '../../src/cli/test.ts';
import { loadWorldFromDisk } from '../../src/config/load-from-disk.ts';
import { EXAMPLES } from './served.ts';

const ROOT = join(EXAMPLES, '..');
const FOLDERS = globSync('policies/*', { cwd: EXAMPLES, exclude: ['policies/*.md'] }).sort();
const PAGE = readFileSync(join(ROOT, 'docs/policies.md'), 'utf8');

/** Runs a command on the files of one example. */
async function run(command: Command, folder: string, ...args: readonly string[]) {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const io = { out: say, err: say, env: () => undefined, cwd: ROOT, readFile: (path: string) => readFileSync(path) };
  const files = ['--config', `examples/${folder}/gateway.yaml`, '--without-secrets'];
  return { code: await command([...files, ...args], io), said };
}

describe('the worked examples of policies', () => {
  it('are at least the twelve that were promised', () => assert.ok(FOLDERS.length >= 12, FOLDERS.join(' ')));

  for (const folder of FOLDERS) {
    it(`${folder} is checked without a problem or a notice`, async () => {
      const { code, said } = await run(check, folder, '--json');
      assert.equal(code, 0, said);
      const { notices }: { notices: readonly unknown[] } = JSON.parse(said);
      assert.deepEqual(notices, [], said);
    });

    it(`${folder} can be served as it is`, () => {
      const secret = randomBytes(32).toString('base64');
      const loaded = loadWorldFromDisk(join(EXAMPLES, folder, 'gateway.yaml'), { env: () => secret });
      assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(({ message }) => message).join('\n'));
    });

    it(`${folder} passes its tests, and would fail one without any of its rules`, async () => {
      const { code, said } = await run(test, folder, '--coverage', '--strict');
      assert.equal(code, 0, said);
      assert.match(said, /^[1-9]\d* tests?$/m);
    });

    it(`${folder} is shown in docs/policies.md`, () => {
      const shown = [...PAGE.matchAll(/^```yaml excerpt examples\/(\S+)$/gm)].map(([, file = '']) => dirname(file));
      assert.ok(shown.includes(folder));
    });
  }
});
