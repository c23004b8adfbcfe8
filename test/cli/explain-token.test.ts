import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain, FILES, NOON } from './explain-world.ts';

const PRIVATE = { email: 'ana@corp.example', name: 'Ana', sub: '248289761001', nonce: 'n-0S6_WzA2Mj', groups: ['hr'] };

const run = (claims: unknown, provider = 'corp', ...more: readonly string[]) =>
  explain(['--token', 't.json', '--provider', provider, ...more], {
    ...FILES,
    '/etc/gw/t.json': typeof claims === 'string' ? claims : JSON.stringify(claims),
  });

const jwt = (claims: object): string =>
  [{ alg: 'RS256' }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('H13: stepgate explain --token', () => {
  it('says which level the claims prove, by which line, and what is missing for the others', async () => {
    const claims = { ...PRIVATE, acr: '2', amr: ['pwd', 'otp'], iat: NOON, auth_time: NOON - 300, via: 'app' };
    assert.deepEqual(await run(claims), {
      code: 0,
      out: `mfa
  It proves "mfa", by an authentication 5m before its time of issue.
  by gateway.yaml:13
  these are claims that nobody signed

What levels can rest on
  acr        "2"
  amr        ["pwd","otp"]
  via        "app"
  auth_time  2026-11-22T11:55:00Z

Levels of corp, strongest first
  missing  gateway.yaml:14  x509      acr 3: no; claim via: "card": no
  proven   gateway.yaml:13  mfa       acr 2 or 2b: yes; amr_any otp or hwk: yes
  implied  gateway.yaml:12  password  acr 1: no
`,
      err: '',
    });
  });

  it('decodes a token, and says that nothing of it is verified', async () => {
    const { code, out } = await run(`${jwt({ ...PRIVATE, acr: '3', via: 'card', iat: NOON })}\n`);
    assert.equal(code, 0);
    assert.match(
      out,
      /^x509\n {2}It proves "x509"; without auth_time it is no proof where max_age or since is asked for\.\n/,
    );
    assert.match(out, /\n {2}by gateway\.yaml:14\n {2}the token was decoded, and nothing of it verified\n/);
    // The branch beside it is not below it.
    assert.match(out, /missing {2}gateway\.yaml:13 {2}mfa/);
    assert.match(out, /implied {2}gateway\.yaml:12 {2}password/);
  });

  it('prints nothing else of a token', async () => {
    const everything = { ...PRIVATE, acr: '2', amr: ['otp'], phone_number: '+41 44 000', iat: NOON, sid: 'sid-1' };
    for (const more of [[], ['--json']]) {
      for (const claims of [everything, jwt(everything), { ...everything, iss: 'https://ana.example' }]) {
        const { out, err } = await run(claims, 'corp', ...more);
        assert.doesNotMatch(out + err, /ana@|Ana|248289761001|n-0S6|hr\b|\+41|sid-1|ana\.example/);
      }
    }
    const broken = await run('{"email": "ana@corp.example", "acr": ');
    assert.doesNotMatch(broken.err, /ana@/);
  });

  const rows: readonly (readonly [what: string, claims: object, provider: string, code: number, out: RegExp])[] = [
    ['what an unmarked sign-in is worth', { acr: 'x' }, 'partner', 0, /^password\n.*\n {2}by gateway\.yaml:21\n/],
    [
      'half of what an entry asks for',
      { acr: '2', amr: ['pwd'] },
      'corp',
      1,
      /^nothing\n {2}It proves nothing: no entry/,
    ],
    ['no confidence at all', { acr: '0' }, 'partner', 1, /^nothing\n {2}It proves nothing: an acr of "0" says/],
    [
      'another issuer',
      { acr: '1', iss: 'https://x.example' },
      'corp',
      1,
      /takes no such token: its iss is not https:\/\/id/,
    ],
    ['another audience', { acr: '1', aud: 'other' }, 'corp', 1, /takes no such token: check failed: aud/],
    ['an acr that is no text', { acr: 1 }, 'corp', 1, /takes no such token: check failed: acr\.\n/],
    ['amr that is no list', { acr: '2', amr: 'otp' }, 'corp', 1, /check failed: amr\.\n/],
    ['an authentication to come', { acr: '1', iat: 100, auth_time: 900 }, 'corp', 1, /auth_time in the future\.\n/],
    [
      'a token of long ago',
      { acr: '1', iat: 100, auth_time: 100 },
      'corp',
      0,
      /by an authentication at its time of issue\.\n/,
    ],
    [
      'its own issuer and audience',
      { acr: '1', iss: 'https://id.example.com', aud: ['stepgate'] },
      'corp',
      0,
      /^password\n/,
    ],
    ['a bare list of claims', { acr: '1', amr: ['\u001b[2J'] }, 'corp', 0, /^ {2}amr {2}\["\\u001b\[2J"\]$/m],
  ];
  for (const [what, claims, provider, code, out] of rows) {
    it(`judges ${what}`, async () => {
      const result = await run(claims, provider);
      assert.match(result.out, out);
      assert.equal(result.code, code);
    });
  }

  it('prints JSON', async () => {
    const { code, out } = await run({ acr: '1', iat: NOON, auth_time: NOON }, 'corp', '--json');
    assert.equal(code, 0);
    const { ok, proven, places, seen, levels } = JSON.parse(out);
    assert.deepEqual([ok, proven, places], [true, ['password'], [{ file: 'gateway.yaml', line: 12, column: 7 }]]);
    assert.deepEqual(seen[0], { claim: 'acr', value: '"1"' });
    assert.deepEqual(levels[2].criteria, [{ key: 'acr', text: '1', met: true }]);
    assert.equal(JSON.parse((await run({}, 'corp', '--json')).out).ok, false);
  });

  const misuses: readonly (readonly [what: string, file: string, provider: readonly string[], err: RegExp])[] = [
    ['no provider where there are several', '{}', [], /say --provider, one of corp, partner/],
    ['an unknown provider', '{}', ['--provider', 'crop'], /there is no provider "crop": did you mean "corp"\?/],
    ['an encrypted token', 'a.b.c.d.e', ['--provider', 'corp'], /an encrypted one is not opened/],
    ['a list', '[]', ['--provider', 'corp'], /neither a JSON object of claims nor a signed JWT/],
    ['a token of no JSON', 'a.b.c', ['--provider', 'corp'], /neither a JSON object of claims nor a signed JWT/],
    ['an endless one', ' '.repeat(300_000), ['--provider', 'corp'], /longer than any ID token/],
  ];
  for (const [what, file, provider, err] of misuses) {
    it(`is used wrongly with ${what}`, async () => {
      const result = await explain(['--token', 't.json', ...provider], { ...FILES, '/etc/gw/t.json': file });
      assert.equal(result.code, 2);
      assert.match(result.err, err);
    });
  }

  it('says that a file cannot be read', async () => {
    const { code, err } = await explain(['--token', 'none.json', '--provider', 'corp']);
    assert.equal(code, 2);
    assert.match(err, /the file none\.json cannot be read/);
  });
});
