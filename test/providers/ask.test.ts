import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import { markOf } from '../../src/core/evidence.ts';
import type { Ask } from '../../src/ports.ts';
import { acrValues, authorizationParameters } from '../../src/providers/ask.ts';
import { askFor, configOf, demandOf, level } from './fixtures.ts';

const parametersOf = (config: Partial<OidcProviderConfig>, takesClaims: boolean, ask: Partial<Ask> = {}) =>
  authorizationParameters(configOf(config), takesClaims, askFor(ask), { nonce: 'n', challenge: 'c' });

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
