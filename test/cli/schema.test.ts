import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandIo } from '../../src/cli/command.ts';
import { schema } from '../../src/cli/schema.ts';

/** Runs the command, which needs nothing of the world. */
async function run(...args: readonly string[]) {
  let out = '';
  let err = '';
  const io: CommandIo = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: () => undefined,
    readFile: () => {
      throw new Error('nothing is to be read');
    },
    cwd: '/',
  };
  return { code: await schema(args, io), out, err };
}

describe('stepgate schema', () => {
  for (const [file, title] of [
    ['policies', /^policies\.yaml of Stepgate/],
    ['gateway', /^gateway\.yaml of Stepgate/],
    ['app', /^The file of one app/],
  ] as const) {
    it(`prints the JSON Schema of ${file}`, async () => {
      const { code, out, err } = await run(file);
      const printed = JSON.parse(out) as Readonly<Record<string, unknown>>;
      assert.deepEqual([code, err], [0, '']);
      assert.equal(printed.$schema, 'http://json-schema.org/draft-07/schema#');
      assert.match(String(printed.title), title);
      assert.equal(printed.additionalProperties, false);
    });
  }

  for (const args of [[], ['levels'], ['toString'], ['policies', 'gateway'], ['--json', 'policies']]) {
    it(`says how it is used for: ${args.join(' ') || 'nothing'}`, async () => {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /Usage: stepgate schema policies\|gateway\|app/);
    });
  }

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    assert.equal(code, 0);
    assert.match(out, /\$schema=schemas\/policies\.schema\.json/);
  });
});
