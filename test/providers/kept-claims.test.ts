import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import { authorizationParameters } from '../../src/providers/ask.ts';
import { readIdentity } from '../../src/providers/claims.ts';
import { askFor, configOf, startBench, trip } from './fixtures.ts';

const read = (claims: Record<string, unknown>, claimsKept: readonly string[] = ['dept']) =>
  readIdentity(claims, claims, configOf({ claimsKept }), 'https://id.example.com', 'alice');

describe('a claim that conditions read', () => {
  const kept: readonly (readonly [what: string, value: unknown, values: readonly string[] | null])[] = [
    ['a text is a list of it', 'sales', ['sales']],
    ['an empty text is one too', '', ['']],
    ['a list of texts is that list', ['sales', 'hr'], ['sales', 'hr']],
    ['a list in which one is twice has it once', ['sales', 'hr', 'sales'], ['sales', 'hr']],
    ['an empty list is one of nothing', [], []],
    ['a number is its text', 7, ['7']],
    ['a number with a fraction is its text', 0.5, ['0.5']],
    ['a list of numbers is one of their texts', [1, 2], ['1', '2']],
    ['a truth value is its text', false, ['false']],
    ['a list of truth values is one of their texts', [true, false], ['true', 'false']],
    [
      'as many values as are kept',
      Array.from({ length: 128 }, (_, n) => `${n}`),
      Array.from({ length: 128 }, (_, n) => `${n}`),
    ],
    ['a value as long as is kept', 'x'.repeat(512), ['x'.repeat(512)]],
    ['one that is not there is known to be missing', undefined, null],
    ['one that is null is known to be missing', null, null],
  ];
  for (const [what, value, values] of kept) {
    test(what, () => {
      const { identity, notes } = read(value === undefined ? {} : { dept: value });
      assert.deepEqual(identity.claims, new Map([['dept', values]]));
      assert.deepEqual(notes, []);
    });
  }

  const unknown: readonly (readonly [what: string, value: unknown])[] = [
    ['an object', { name: 'sales' }],
    ['a list with an object', ['sales', { name: 'hr' }]],
    ['a list with null', ['sales', null]],
    ['a list of lists', [['sales']]],
    ['texts and numbers', ['1', 2]],
    ['numbers and truth values', [1, true]],
    ['a number that JSON readers differ about', JSON.parse('9007199254740993')],
    ['one value too many', Array.from({ length: 129 }, (_, n) => `${n}`)],
    ['a value one character too long', ['sales', 'x'.repeat(513)]],
  ];
  for (const [what, value] of unknown) {
    test(`${what}: it is not known, which is not that it is missing, and the log says which`, () => {
      const { identity, notes } = read({ dept: value });
      assert.equal(identity.claims.has('dept'), false);
      assert.deepEqual(notes, [{ event: 'bad_claim', detail: 'claim=dept' }]);
    });
  }

  test('is found by its exact name, and no other claim is kept', () => {
    const claims = { DEPT: 'x', 'https://example.com/dept': 'sales', secret: 's', address: { country: 'CH' } };
    const names = ['dept', 'https://example.com/dept', 'address.country', '__proto__', 'constructor'];
    assert.deepEqual(
      [...read(claims, names).identity.claims],
      names.map((name) => [name, name.startsWith('https') ? ['sales'] : null]),
    );
  });
});

test('claims that conditions read are asked for by name, and change nothing about the others', () => {
  const claimsOf = (claimsKept: readonly string[]) =>
    JSON.parse(
      authorizationParameters(configOf({ claimsKept }), true, askFor(), { nonce: 'n', challenge: 'c' }, 0).get(
        'claims',
      ) ?? '',
    ).id_token;
  const others = claimsOf([]);
  assert.deepEqual(claimsOf(['dept', 'acr', 'auth_time', 'email']), { ...others, dept: null });
});

describe('claims from the userinfo endpoint', () => {
  const through = async (
    t: Parameters<typeof startBench>[0],
    config: Partial<OidcProviderConfig>,
    person: Record<string, unknown>,
    userinfo: Record<string, unknown>,
  ) => {
    const op = { script: { userinfo: () => ({ sub: 'alice', ...userinfo }), person: { sub: 'alice', ...person } } };
    const verdict = await trip(await startBench(t, { op, config }));
    assert.ok(verdict.ok);
    return verdict.identity;
  };

  test('are taken where that is written, and where the ID token has them they are its own', async (t) => {
    const config = { userinfo: true, claimsKept: ['dept', 'grade'] };
    const { claims } = await through(t, config, { dept: 'sales' }, { dept: 'board', grade: 7, other: 'x' });
    assert.deepEqual(
      claims,
      new Map([
        ['dept', ['sales']],
        ['grade', ['7']],
      ]),
    );
  });

  test('are not asked for where it is not', async (t) => {
    const { claims } = await through(t, { claimsKept: ['grade'] }, {}, { grade: 7 });
    assert.deepEqual(claims, new Map([['grade', null]]));
  });

  test('make no address verified that the ID token does not say is', async (t) => {
    const config = { userinfo: true, claimsKept: ['email_verified'] };
    const person = { email: 'ceo@corp.example' };
    const { email, claims } = await through(t, config, person, { email: 'alice@corp.example', email_verified: true });
    assert.equal(email, null);
    assert.deepEqual(claims, new Map([['email_verified', null]]));
  });

  test('say nothing of how anybody authenticated', async (t) => {
    const op = { script: { userinfo: () => ({ sub: 'alice', acr: 'urn:phrh' }), acr: null } };
    const verdict = await trip(await startBench(t, { op, config: { userinfo: true, claimsKept: ['acr'] } }));
    assert.ok(verdict.ok);
    assert.equal(verdict.proof.acr, null);
  });
});
