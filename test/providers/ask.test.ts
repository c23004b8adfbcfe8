import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import { markOf } from '../../src/core/evidence.ts';
import type { Ask } from '../../src/ports.ts';
import { acrValues, authorizationParameters } from '../../src/providers/ask.ts';
import { askFor, configOf, demandOf, level } from './fixtures.ts';

const NOW = 1_800_000_000;

const parametersOf = (config: Partial<OidcProviderConfig>, takesClaims: boolean, ask: Partial<Ask> = {}) =>
  authorizationParameters(configOf(config), takesClaims, askFor(ask), { nonce: 'n', challenge: 'c' }, NOW);

const claimsOf = (parameters: URLSearchParams) => JSON.parse(parameters.get('claims') ?? 'null');

describe('an authentication request', () => {
  test('is a code flow with PKCE, state and nonce', () => {
    const parameters = parametersOf({}, false, { state: 's' });
    assert.equal(parameters.get('response_type'), 'code');
    assert.equal(parameters.get('client_id'), 'stepgate');
    assert.equal(parameters.get('code_challenge_method'), 'S256');
    assert.equal(parameters.get('code_challenge'), 'c');
    assert.equal(parameters.get('nonce'), 'n');
    assert.equal(parameters.get('state'), 's');
    assert.equal(parameters.get('scope'), 'openid email profile');
  });

  test('asks by the claims parameter where discovery says that it is understood', () => {
    const parameters = parametersOf({}, true);
    assert.equal(parameters.get('acr_values'), null);
    assert.deepEqual(claimsOf(parameters).id_token, {
      email: null,
      email_verified: null,
      name: null,
      groups: null,
      preferred_username: null,
      acr: { essential: true, values: ['urn:mfa', 'urn:phrh'] },
      amr: null,
      auth_time: { essential: true },
    });
  });

  test('asks by acr_values elsewhere, and then sends no claims parameter', () => {
    const parameters = parametersOf({}, false);
    assert.equal(parameters.get('acr_values'), 'urn:mfa urn:phrh');
    assert.equal(parameters.get('claims'), null);
  });

  test('does both only where that is written', () => {
    const parameters = parametersOf({ ask: 'both' }, false);
    assert.equal(parameters.get('acr_values'), 'urn:mfa urn:phrh');
    assert.equal(claimsOf(parameters).id_token.acr.essential, true);
  });

  test('asks by acr_values where that is written, and for the time of authentication as discovery allows', () => {
    const parameters = parametersOf({ ask: 'acr_values' }, true);
    assert.equal(parameters.get('acr_values'), 'urn:mfa urn:phrh');
    assert.equal(claimsOf(parameters).id_token.acr, null);
    assert.deepEqual(claimsOf(parameters).id_token.auth_time, { essential: true });
  });

  test('names no acr where none is to be asked for', () => {
    const parameters = parametersOf({ ask: 'none' }, true);
    assert.equal(parameters.get('acr_values'), null);
    assert.equal(claimsOf(parameters).id_token.acr, null);
  });

  test('limits the age to the shorter of validity and max_age', () => {
    assert.equal(parametersOf({}, true, { demand: demandOf('mfa') }).get('max_age'), '3600');
    assert.equal(parametersOf({}, true, { demand: demandOf('mfa', 300) }).get('max_age'), '300');
    assert.equal(parametersOf({}, true).get('prompt'), null);
  });

  test('asks for a new authentication where one is forced', () => {
    const parameters = parametersOf({}, true, { force: true });
    assert.equal(parameters.get('max_age'), '0');
    assert.equal(parameters.get('prompt'), 'login');
  });
});

describe('the acr values for a demand', () => {
  const map = configOf().evidence;

  test('are those of the level and of every stronger one, weakest first', () => {
    assert.deepEqual(acrValues(map, demandOf('mfa')), ['urn:mfa', 'urn:phrh']);
  });

  test('have nothing below the level', () => {
    assert.deepEqual(acrValues(map, demandOf('passkey')), ['urn:phrh']);
  });

  test('are none where an authentication without a known acr is enough', () => {
    assert.deepEqual(acrValues(map, demandOf('password')), []);
  });

  test('are those of stronger levels where the level has none and unmarked is worth nothing', () => {
    assert.deepEqual(acrValues({ ...map, unmarked: null }, demandOf('password')), ['urn:mfa', 'urn:phrh']);
  });

  test('have the level of an unmarked authentication too, where it has an acr', () => {
    const marks = [...map.marks, markOf(level('password'), { acr: ['urn:pwd'] })];
    assert.deepEqual(acrValues({ ...map, marks }, demandOf('password')), ['urn:pwd', 'urn:mfa', 'urn:phrh']);
  });
});

describe('the person who has to come back', () => {
  const person = { subject: 'alice', loginHint: 'alice@example.com' };

  test('is named by a hint, and by the subject where the claims parameter is understood', () => {
    const parameters = parametersOf({}, true, { person });
    assert.equal(parameters.get('login_hint'), 'alice@example.com');
    assert.deepEqual(claimsOf(parameters).id_token.sub, { value: 'alice' });
    assert.equal(parameters.get('id_token_hint'), null);
    assert.equal(parametersOf({}, false, { person }).get('claims'), null);
  });

  test('is named by the subject alone where nothing is known to hint with', () => {
    const parameters = parametersOf({}, true, { person: { ...person, loginHint: null } });
    assert.equal(parameters.get('login_hint'), null);
    assert.deepEqual(claimsOf(parameters).id_token.sub, { value: 'alice' });
  });

  test('is nobody at a first sign-in', () => {
    const parameters = parametersOf({}, true);
    assert.equal(parameters.get('login_hint'), null);
    assert.equal(claimsOf(parameters).id_token.sub, undefined);
  });
});

describe('what is asked for a level that is proven by something else than an acr', () => {
  const contexts = (...acrs: readonly string[]) => ({
    evidence: { marks: [markOf(level('passkey'), { acrs: ['c2'] }), markOf(level('mfa'), { acrs })], unmarked: null },
  });

  test('are its authentication contexts, whatever discovery says, and no acr beside them', () => {
    const parameters = parametersOf(contexts('c1'), false);
    assert.deepEqual(claimsOf(parameters), { id_token: { acrs: { essential: true, value: 'c1' } } });
    assert.equal(parameters.get('acr_values'), null);
    assert.equal(parameters.get('max_age'), '3600');
  });

  test('are all contexts of the one level, and none of the stronger', () => {
    const { acrs } = claimsOf(parametersOf(contexts('c1', 'c3'), true)).id_token;
    assert.deepEqual(acrs, { essential: true, values: ['c1', 'c3'] });
  });

  test('are the contexts of the weakest stronger level where the level has none of its own', () => {
    const { acrs } = claimsOf(parametersOf(contexts('c1'), false, { demand: demandOf('password') })).id_token;
    assert.deepEqual(acrs, { essential: true, value: 'c1' });
    const unmarked = { evidence: { ...contexts('c1').evidence, unmarked: level('password') } };
    assert.equal(parametersOf(unmarked, false, { demand: demandOf('password') }).get('claims'), null);
  });

  test('is nothing for methods and claims, but that they be in the answer', () => {
    const claims = [['loa', 2]] as const;
    const evidence = { marks: [markOf(level('mfa'), { amrAny: ['otp'], claims })], unmarked: null };
    const parameters = parametersOf({ evidence }, true);
    assert.equal(parameters.get('acr_values'), null);
    const { acr, amr, loa } = claimsOf(parameters).id_token;
    assert.deepEqual([acr, amr, loa], [null, { essential: true }, null]);
    assert.equal(parametersOf({ evidence }, false).get('claims'), null);
  });

  test('is no acr of a stronger level either', () => {
    const marks = [markOf(level('passkey'), { acr: ['urn:phrh'] }), markOf(level('mfa'), { amrAll: ['mfa'] })];
    assert.deepEqual(acrValues({ marks, unmarked: null }, demandOf('mfa')), []);
  });

  test('is nothing at all where nothing is to be asked for', () => {
    assert.equal(parametersOf({ ...contexts('c1'), ask: 'none' }, false).get('claims'), null);
  });
});

test('the acr values of levels that share one are asked for once, each of a list by itself', () => {
  const marks = [
    markOf(level('passkey'), { acr: ['a'], amrAny: ['hwk'] }),
    markOf(level('mfa'), { acr: ['a', 'b'], amrAny: ['otp'] }),
  ];
  assert.deepEqual(acrValues({ marks, unmarked: null }, demandOf('mfa')), ['a', 'b']);
});
