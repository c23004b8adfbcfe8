import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../src/cli/check.ts';
import type { CommandIo } from '../../src/cli/command.ts';
import { GATEWAY, KEY, POLICIES } from '../config/fixture.ts';

const FILES: Readonly<Record<string, string>> = { '/etc/gw/gateway.yaml': GATEWAY, '/etc/gw/policies.yaml': POLICIES };
const ENV: Readonly<Record<string, string>> = { KEY, CLIENT: 'x' };

/** Runs the command in /etc/gw on files that are not there. */
async function run(args: readonly string[], files = FILES, env = ENV) {
  let out = '';
  let err = '';
  const io: CommandIo = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: (name) => env[name],
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('ENOENT');
      return Buffer.from(text);
    },
    cwd: '/etc/gw',
  };
  return { code: await check(args, io), out, err };
}

describe('stepgate check', () => {
  it('prints the ladder, weakest first, when everything is fine', async () => {
    assert.deepEqual(await run([]), {
      code: 0,
      out: `gateway.yaml and policies.yaml: fine

Levels, weakest first:
  password  password   valid for 8h
  mfa       Two steps  valid for 1h
`,
      err: '',
    });
  });

  it('prints each problem with its place, its line, a caret and a hint', async () => {
    const files = { ...FILES, '/etc/gw/policies.yaml': POLICIES.replace('require: mfa', 'require: mfaa') };
    assert.deepEqual(await run([], files), {
      code: 1,
      out: `policies.yaml:15:87  unknown-level  there is no level "mfaa"
  |       - {id: runs, path: [/pay/runs/*, /pay/runs/*/approve], methods: write, require: mfaa, max_age: 5m}
  |                                                                                       ^
    did you mean "mfa"?

1 problem, 0 notices
`,
      err: '',
    });
  });

  it('shows the part of a long line that matters, and no control characters', async () => {
    const note = `note: ${'x'.repeat(300)}, require: mfaa, max_age: 5m} # \u009b31m`;
    const long = POLICIES.replace('require: mfa, max_age: 5m}', note);
    const { out } = await run([], { ...FILES, '/etc/gw/policies.yaml': long });
    assert.ok(!out.includes('\u009b'));
    const [, line = '', caret = ''] = out.slice(out.indexOf('unknown-level')).split('\n');
    assert.ok(line.length < 170);
    assert.equal(line.slice(caret.indexOf('^'), caret.indexOf('^') + 4), 'mfaa');
  });

  it('looks for secrets unless told not to', async () => {
    const bare = await run([], FILES, {});
    assert.equal(bare.code, 1);
    assert.match(bare.out, /variable KEY is not set/);
    assert.equal((await run(['--without-secrets'], FILES, {})).code, 0);
  });

  it('fails for notices only when it is strict', async () => {
    const files = { ...FILES, '/etc/gw/gateway.yaml': GATEWAY.replace('$' + '{env:CLIENT}', 'plain-client-secret') };
    const lax = await run([], files);
    assert.equal(lax.code, 0);
    assert.match(lax.out, /plain-secret/);
    assert.doesNotMatch(lax.out, /plain-client-secret/);
    assert.equal((await run(['--strict'], files)).code, 1);
  });

  it('checks a file that is named with the other one in force', async () => {
    const files = {
      ...FILES,
      '/etc/gw/new.yaml': POLICIES.replace('8h', '0s'),
      '/tmp/gw.yaml': GATEWAY.replace('8080', '-1'),
    };
    const policies = await run(['new.yaml'], files);
    assert.equal(policies.code, 1);
    assert.match(policies.out, /^new\.yaml:4:15 {2}wrong-value/);
    const gateway = await run(['/tmp/gw.yaml'], files);
    assert.equal(gateway.code, 1);
    assert.match(gateway.out, /^\/tmp\/gw\.yaml:2:\d+ {2}bad-port/);
    assert.match(gateway.out, /\n1 problem,/);
    assert.match((await run(['/tmp/gw.yaml', 'new.yaml'], files)).out, /2 problems/);
  });

  it('recognises a file that is no YAML', async () => {
    const files = { ...FILES, '/etc/gw/new.yaml': `${POLICIES}]` };
    assert.match((await run(['new.yaml'], files)).out, /^new\.yaml:18:1 {2}yaml-syntax/);
  });

  it('takes the configuration from --config, else from STEPGATE_CONFIG', async () => {
    const files = { '/a/g.yaml': GATEWAY, '/a/policies.yaml': POLICIES };
    assert.match((await run(['--config', '/a/g.yaml'], files)).out, /^\/a\/g\.yaml and \/a\/policies\.yaml: fine/);
    assert.equal((await run([], files, { ...ENV, STEPGATE_CONFIG: '/a/g.yaml' })).code, 0);
    assert.equal((await run([], files)).code, 1);
  });

  it('prints JSON', async () => {
    const fine = JSON.parse((await run(['--json'])).out);
    assert.deepEqual(fine.levels, [
      { name: 'password', label: 'password', validity: 28_800, above: [] },
      { name: 'mfa', label: 'Two steps', validity: 3600, above: ['password'] },
    ]);
    const broken = await run(['--json'], { ...FILES, '/etc/gw/policies.yaml': '' });
    assert.equal(broken.code, 1);
    assert.equal(JSON.parse(broken.out).problems[0].id, 'file-empty');
  });

  it('prints for pipelines, and exits the same', async () => {
    const broken = { ...FILES, '/etc/gw/policies.yaml': POLICIES.replace('require: mfa', 'require: mfaa') };
    const github = await run(['--format', 'github'], broken);
    assert.equal(github.code, 1);
    assert.match(github.out, /^::error file=policies\.yaml,line=\d+,col=\d+,title=unknown-level::/);
    const sarif = await run(['--format', 'sarif'], broken);
    assert.equal(sarif.code, 1);
    assert.equal(JSON.parse(sarif.out).runs[0].results[0].ruleId, 'unknown-level');
    assert.equal((await run(['--format', 'github'])).out, '');
    assert.deepEqual(await run(['--format', 'json']), await run(['--json']));
  });

  it('says what a lint or a problem means, without looking at any file', async () => {
    const lint = await run(['--why', 'method-gap'], {});
    assert.equal(lint.code, 0);
    assert.match(lint.out, /^method-gap \(warning\)\n\n[^`]+Put right:[^`]+accept: method-gap/);
    assert.match((await run(['--why', 'bad-acr'], {})).out, /^bad-acr \(error\)\n\nAn acr /);
    const typo = await run(['--why', 'metod-gap'], {});
    assert.equal(typo.code, 2);
    assert.match(typo.err, /did you mean "method-gap"\?/);
  });

  it('says where to read on when there are lints', async () => {
    const files = { ...FILES, '/etc/gw/gateway.yaml': GATEWAY.replace('$' + '{env:CLIENT}', 'plain-client-secret') };
    assert.match((await run([], files)).out, /stepgate check --why WORD\n$/);
  });

  const misuses: readonly (readonly string[])[] = [
    ['--nope'],
    ['--format', 'xml'],
    ['--json', '--format', 'sarif'],
    ['nowhere.yaml'],
    ['policies.yaml', 'policies.yaml'],
    ['--config'],
    ['notes.yaml'],
  ];
  for (const args of misuses) {
    it(`prints its usage for "${args.join(' ')}"`, async () => {
      const { code, out, err } = await run(args, { ...FILES, '/etc/gw/notes.yaml': 'a: 1' });
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /Usage: stepgate check/);
    });
  }
});
