import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sceneOf } from '../../src/cli/explain/scene.ts';
import { explainText } from '../../src/cli/explain/text.ts';
import { explain, explained, FILES, GATEWAY, POLICIES, worldOf } from './explain-world.ts';

/** What the command prints, each block under the line that was typed. */
const SCENES = readFileSync(join(import.meta.dirname, 'explain-scenes.txt'), 'utf8')
  .split(/^\$ stepgate explain /m)
  .slice(1)
  .map((block) => {
    const end = block.indexOf('\n');
    return { words: block.slice(0, end), output: block.slice(end + 1).replace(/\n+$/, '\n') };
  });

describe('stepgate explain', () => {
  for (const { words, output } of SCENES) {
    it(words, async () => assert.equal(await explained(words), output));
  }

  it('has a scene for every way in which a request can be answered', () => {
    const firsts = SCENES.map(({ output }) =>
      output.slice(0, output.indexOf('\n')).replace(/ {2}(mfa|x509|password)/, ''),
    );
    for (const first of [
      'allow',
      'allow  public',
      'challenge  no_session',
      'challenge  insufficient_level',
      'challenge  stale_authentication',
      'challenge  one_time',
      'deny  forbidden',
      'deny  no_rule',
      'deny  unsatisfiable',
      'refused  400  ambiguous_request  dot_segment',
      'refused  400  ambiguous_request  method_override',
      'refused  404  no_app  no_mount',
      'refused  421  unknown_host',
      'own',
    ]) {
      assert.ok(firsts.includes(first), first);
    }
  });

  it('takes a user from a file, in YAML or JSON, and arguments over it', async () => {
    const user = '{groups: [sales], email: ana@corp.example, client: {ip: 192.0.2.1}, headers: {X-A: b}}';
    const files = { ...FILES, '/etc/gw/ana.yaml': user, '/tmp/ana.json': '{"groups": ["hr"]}' };
    const words = 'GET https://bank.example.com/hr/x --session mfa=1m'.split(' ');
    const yaml = await explain([...words, '--user', 'ana.yaml'], files);
    assert.match(yaml.out, /^deny {2}forbidden\n/);
    assert.match(yaml.out, /from 192\.0\.2\.1, at/);
    assert.match(yaml.out, /; ana@corp\.example; groups sales\n/);
    assert.match((await explain([...words, '--user', '/tmp/ana.json'], files)).out, /^allow\n/);
    const both = await explain([...words, '--user', 'ana.yaml', '--groups', 'hr', '--ip', '192.0.2.8'], files);
    assert.match(both.out, /^allow\n/);
    assert.match(both.out, /from 192\.0\.2\.8, at/);
  });

  it('says where a user file is wrong', async () => {
    const files = { ...FILES, '/etc/gw/ana.yaml': 'groups: [hr]\nclient: {ip: 1}\nemial: x\n' };
    const { code, err } = await explain(['GET', 'https://bank.example.com/', '--user', 'ana.yaml'], files);
    assert.equal(code, 2);
    assert.match(err, /^ana\.yaml:2:14: /);
    assert.match(err, /\nana\.yaml:3:1: there is no key "emial" here \(did you mean "email"\?\)/);
  });

  it('judges at the time that is given', async () => {
    const words = 'GET https://bank.example.com/future --session mfa=1m --at';
    assert.match(await explained(`${words} 2029-12-31T23:59:59Z`), /^deny {2}unsatisfiable\n/);
    assert.match(await explained(`${words} 2030-01-01T00:02:00+00:00`), /^allow\n/);
    assert.match(await explained(`${words} now`), /at 2026-11-22T12:00:00Z/);
  });

  it('takes it that POST, PUT and PATCH have a body, unless it is told otherwise', async () => {
    const url = 'https://bank.example.com/records/1 --session password=1m';
    for (const [words, asks] of [
      [`POST ${url}`, true],
      [`POST ${url} --no-body`, false],
      [`DELETE ${url}`, false],
      [`DELETE ${url} --body`, true],
      [`DELETE ${url} --header Content-Length=5`, true],
      [`POST ${url} --header content-length=5 --no-body`, false],
    ] as const) {
      assert.equal((await explained(words)).startsWith('challenge  mfa'), asks, words);
    }
  });

  it('needs no secrets, and says so where they are missing', async () => {
    const words = ['GET', 'https://bank.example.com/account'];
    const bare = await explain(words, FILES, {});
    assert.equal(bare.code, 1);
    assert.match(bare.out, /variable KEY is not set/);
    assert.match(bare.out, /\nSecrets are not needed to explain anything: --without-secrets leaves them\.\n$/);
    const without = await explain([...words, '--without-secrets'], FILES, {});
    assert.deepEqual(without, await explain(words));
  });

  it('prints the problems of a configuration instead, also as JSON', async () => {
    const files = { ...FILES, '/etc/gw/policies.yaml': POLICIES.replace('require: x509', 'require: x508') };
    const words = ['GET', 'https://bank.example.com/account'];
    const text = await explain(words, files);
    assert.equal(text.code, 1);
    assert.match(text.out, /^policies\.yaml:12:\d+ {2}unknown-level/);
    assert.doesNotMatch(text.out, /--without-secrets/);
    const { ok, problems } = JSON.parse((await explain([...words, '--json'], files)).out);
    assert.equal(ok, false);
    assert.equal(problems[0].id, 'unknown-level');
  });

  it('explains what fails its tests: that is what it is for', async () => {
    const tests = 'tests:\n  - {app: bank, request: GET /account, expect: public}\n';
    const files = { ...FILES, '/etc/gw/policies.yaml': `${POLICIES}${tests}` };
    assert.deepEqual(
      await explain(['GET', 'https://bank.example.com/account'], files),
      await explain(['GET', 'https://bank.example.com/account']),
    );
  });

  it('is the block of a failing test: no time of day, and nothing assumed of what is not given', () => {
    const world = worldOf();
    const app = world.apps.get('bank');
    const level = world.ladder.named.get('password');
    assert.ok(app !== undefined && level !== undefined);
    const person = {
      provider: 'corp',
      subject: null,
      email: null,
      name: null,
      groups: null,
      claims: null,
      signedIn: null,
    };
    const about = (target: string): string =>
      explainText(
        sceneOf({
          world,
          app,
          scenario: {
            ...{ method: 'GET', target, headers: null, hasBody: false, clientIp: null, at: null },
            person: { ...person, proofs: new Map([[level, 60]]) },
          },
          now: 253_402_300_799,
          missing: 'fails',
        }),
      );
    const sales = about('/sales/1');
    assert.match(sales, /^challenge {2}mfa {2}insufficient_level\n/);
    assert.match(sales, /\n {2}app bank\n/);
    assert.match(sales, /; when .*: cannot be told\n/);
    assert.match(sales, /\n {2}met .* for 7h59m\n/);
    assert.match(sales, /\nNot given, so nothing that reads it can be told: user\.claims\n$/);
    const account = about('/account');
    assert.match(account, /^allow\n/);
    assert.match(account, /X-Auth-Subject: +\(not given\)/);
    assert.doesNotMatch(sales + account, /9999|10000/);
    assert.match(about('/a/../b'), /^refused {2}400 {2}ambiguous_request {2}dot_segment\n/);
  });

  it('takes the configuration from --config, else from STEPGATE_CONFIG', async () => {
    const files = { '/a/g.yaml': GATEWAY, '/a/policies.yaml': POLICIES, '/a/files.yaml': 'rules: []\n' };
    const words = ['GET', 'https://bank.example.com/account', '--without-secrets'];
    assert.match((await explain([...words, '--config', '/a/g.yaml'], files)).out, /by bank {2}\/a\/policies\.yaml:18/);
    assert.equal((await explain(words, files, { STEPGATE_CONFIG: '/a/g.yaml' })).code, 0);
    assert.equal((await explain(words, files)).code, 1);
  });

  it('shows nothing that a terminal would obey, wherever it comes from', async () => {
    const policies = POLICIES.replace('note: switched off 2026', 'note: "a\u202eb\u200bc"');
    const files = { ...FILES, '/etc/gw/policies.yaml': policies };
    const words = ['GET', 'https://bank.example.com/legacy', '--session', 'mfa=1m', '--subject', 'a\u001b[2J\nb'];
    const text = await explain(words, files);
    assert.match(text.out, /# a\\u\{202e\}b\\u\{200b\}c\n/);
    assert.match(text.out, /; a\\u\{1b\}\[2J\\u\{a\}b\n/);
    const json = await explain([...words, '--json'], files);
    assert.doesNotMatch(text.out + json.out, /(?!\n)[\p{Cc}\p{Cf}]/u);
    assert.equal(JSON.parse(json.out).person.subject, 'a\u001b[2J\nb');
    const wrong = await explain(['GET', 'https://bank.example.com/', '--session', 'm\u001b=1m']);
    assert.ok(!wrong.err.includes('\u001b'));
  });

  it('is told a path alone where there is one origin', async () => {
    const one = GATEWAY.slice(0, GATEWAY.indexOf('  wiki:'));
    const files = {
      ...FILES,
      '/etc/gw/gateway.yaml': one,
      '/etc/gw/policies.yaml': POLICIES.replace('  wiki: {}\n', ''),
    };
    const { out } = await explain(['GET', '/account'], files);
    assert.match(out, /\n\nGET https:\/\/bank\.example\.com\/account\n/);
    const { code, err } = await explain(['GET', '/account']);
    assert.equal(code, 2);
    assert.match(err, /write one of https:\/\/bank\.example\.com, https:\/\/wiki\.example\.com before it/);
  });

  it('prints its usage when it is asked to', async () => {
    const { code, out } = await explain(['--help']);
    assert.equal(code, 0);
    assert.match(out, /^Usage: stepgate explain METHOD URL/);
  });

  const URL = 'https://bank.example.com/account';
  const misuses: readonly (readonly [words: string, says: RegExp])[] = [
    ['', /say METHOD and URL/],
    ['GET', /say METHOD and URL/],
    [`GET ${URL} more`, /say METHOD and URL/],
    [`GTE ${URL}`, /"GTE" is not a method: did you mean "GET"\?/],
    ['GET account', /"account" is no URL: write https:\/\/bank\.example\.com\/path/],
    ['GET https://ana:x@bank.example.com/', /a name and password in a URL are not sent/],
    [`GET ${URL} --session mfa`, /--session takes LEVEL=AGE, not "mfa"/],
    [`GET ${URL} --session mfa=soon`, /--session: "soon" is not a duration/],
    [`GET ${URL} --session mfa=1m,mfa=2m`, /--session names "mfa" twice/],
    [`GET ${URL} --session mfaa=1m`, /there is no level "mfaa": did you mean "mfa"\?/],
    [`GET ${URL} --signed-in 1h`, /add --session LEVEL=AGE/],
    [`GET ${URL} --provider crop`, /there is no provider "crop": did you mean "corp"\?/],
    [`GET ${URL} --at noon`, /--at: "noon" is not a moment/],
    [`GET ${URL} --ip here`, /--ip: "here" is not an address/],
    [`GET ${URL} --header X`, /--header takes NAME=VALUE, not "X"/],
    [`GET ${URL} --claim =x`, /--claim takes NAME=VALUE, not "=x"/],
    [`GET ${URL} --body --no-body`, /contradict each other/],
    [`GET ${URL} --user nobody.yaml`, /the file nobody\.yaml cannot be read/],
    [`GET ${URL} --nope`, /nope/],
    ['--token t.json --session mfa=1m', /--session does not go with --token/],
    [`GET ${URL} --token t.json`, /a token is explained by itself/],
  ];
  for (const [words, says] of misuses) {
    it(`is used wrongly with "${words}"`, async () => {
      const { code, out, err } = await explain(words.split(' ').filter((word) => word !== ''));
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, says);
      assert.match(err, /stepgate explain --help says how it is used\.\n$/);
    });
  }
});
