import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import type { Verified } from '../../src/ports.ts';
import { judge, OLDEST_ISSUE } from '../../src/providers/judge.ts';
import { configOf } from './fixtures.ts';

const NOW = 1_800_000_000;
const ISSUER = 'https://id.example.com';
const GOOD = { iss: ISSUER, aud: 'stepgate', sub: 'alice', iat: NOW, exp: NOW + 300, auth_time: NOW - 10 };

const judged = (claims: Record<string, unknown>, config: Partial<OidcProviderConfig> = {}) =>
  judge({ ...GOOD, ...claims }, configOf(config), ISSUER, NOW);

function verified(claims: Record<string, unknown>, config: Partial<OidcProviderConfig> = {}): Verified {
  const { verdict } = judged(claims, config);
  if (!verdict.ok) throw new Error(verdict.detail);
  return verdict;
}

function refusedBy(claims: Record<string, unknown>): string {
  const { verdict } = judged(claims);
  assert.ok(!verdict.ok, 'it was verified');
  assert.equal(verdict.failure, 'invalid_response');
  return verdict.detail;
}

describe('the evidence of an ID token', () => {
  test('is taken as it is', () => {
    const { proof, identity } = verified({ acr: 'urn:mfa', amr: ['pwd', 'otp'] });
    assert.deepEqual(proof, { at: NOW - 10, freshAt: NOW - 10, acr: 'urn:mfa', amr: ['pwd', 'otp'], facts: [] });
    assert.equal(identity.subject, 'alice');
    assert.equal(identity.issuer, ISSUER);
  });

  test('T007: an unknown acr is passed on for core to judge, and told to the operator escaped and cut', () => {
    const acr = `<b>gold</b>\r\n${'x'.repeat(200)}`;
    const { verdict, notes } = judged({ acr });
    assert.ok(verdict.ok && verdict.proof.acr === acr);
    assert.deepEqual(
      notes.map((note) => note.event),
      ['unmapped_acr'],
    );
    assert.match(notes[0]?.detail ?? '', /^%3Cb%3Egold%3C%2Fb%3E%0D%0Ax+$/);
    assert.equal(notes[0]?.detail.length, 64);
  });

  test('T007: an acr that cannot be encoded is told all the same', () => {
    assert.equal(judged({ acr: '\ud800' }).notes.length, 1);
  });

  test('a known acr, none and "0" are nothing to tell', () => {
    for (const acr of ['urn:mfa', undefined, '0']) assert.deepEqual(judged({ acr }).notes, []);
  });

  for (const [title, acr] of [
    ['a list', ['urn:mfa', 'urn:phrh']],
    ['a number', 2],
    ['null', null],
    ['an object', { value: 'urn:mfa' }],
  ] as const) {
    test(`an acr that is ${title} is refused`, () => assert.equal(refusedBy({ acr }), 'check failed: acr'));
  }

  for (const [title, amr] of [
    ['a text', 'mfa'],
    ['a list with a number in it', ['mfa', 1]],
    ['null', null],
    ['an object', { 0: 'mfa', length: 1 }],
  ] as const) {
    test(`T008: an amr that is ${title} is refused`, () => assert.equal(refusedBy({ amr }), 'check failed: amr'));
  }

  test('T008: an absent amr is no amr', () => assert.equal(verified({}).proof.amr, null));
});

describe('the time of authentication', () => {
  test('T009: a year ahead is refused', () => {
    assert.equal(refusedBy({ auth_time: NOW + 365 * 86_400 }), 'check failed: auth_time in the future');
  });

  test('T009: just beyond the tolerance is refused, within it has age 0', () => {
    assert.equal(refusedBy({ auth_time: NOW + 61 }), 'check failed: auth_time in the future');
    assert.equal(verified({ auth_time: NOW + 60 }).proof.freshAt, NOW);
  });

  test('T010: absent, the proof has no freshness and counts from its receipt', () => {
    const { proof } = verified({ auth_time: undefined });
    assert.equal(proof.freshAt, null);
    assert.equal(proof.at, NOW);
  });

  for (const [title, time] of [
    ['a text', String(NOW)],
    ['negative', -1],
    ['not finite', Number.POSITIVE_INFINITY],
    ['null', null],
    ['true', true],
  ] as const) {
    test(`that is ${title} is refused`, () => assert.equal(refusedBy({ auth_time: time }), 'check failed: auth_time'));
  }

  test('is an age on the clock of the provider, whichever way that clock is off', () => {
    for (const off of [-400, 50]) {
      const { proof } = verified({ iat: NOW + off, auth_time: NOW + off - 100 });
      assert.equal(proof.freshAt, NOW - 100);
    }
  });

  test('with a fraction is rounded to the older second', () => {
    assert.equal(verified({ auth_time: NOW - 9.2 }).proof.freshAt, NOW - 10);
  });

  test('at the epoch makes a proof of that age and not an unlimited one', () => {
    assert.equal(verified({ iat: NOW + 30, auth_time: 0 }).proof.freshAt, 0);
  });
});

describe('the time of issue', () => {
  test('is refused ahead of the tolerance', () => assert.equal(refusedBy({ iat: NOW + 61 }), 'check failed: iat'));

  test('is refused when it is older than any trip', () => {
    assert.equal(refusedBy({ iat: NOW - OLDEST_ISSUE - 61, auth_time: undefined }), 'check failed: iat');
  });

  test('is refused when it is no time', () => {
    for (const iat of [undefined, '1800000000', Number.NaN]) assert.equal(refusedBy({ iat }), 'check failed: iat');
  });
});

describe('for whom and about whom', () => {
  test('T017: an audience beside us is refused, even where the token was issued to us', () => {
    assert.equal(refusedBy({ aud: ['stepgate', 'other'], azp: 'stepgate' }), 'check failed: aud');
    assert.equal(refusedBy({ aud: 'other' }), 'check failed: aud');
    assert.equal(refusedBy({ aud: [] }), 'check failed: aud');
  });

  test('an audience of one is taken as a list too', () => assert.ok(judged({ aud: ['stepgate'] }).verdict.ok));

  test('T019: an azp of another client is refused, with one audience as well', () => {
    assert.equal(refusedBy({ azp: 'other' }), 'check failed: azp');
    assert.equal(refusedBy({ azp: null }), 'check failed: azp');
    assert.ok(judged({ azp: 'stepgate' }).verdict.ok);
  });

  test('a subject is a text of 1 to 255 characters', () => {
    for (const sub of ['', 'x'.repeat(256), 7, null, undefined]) assert.equal(refusedBy({ sub }), 'check failed: sub');
    assert.ok(judged({ sub: 'x'.repeat(255) }).verdict.ok);
  });
});

describe('the identity', () => {
  test('has an email only where the provider says that it verified it', () => {
    const email = 'alice@example.com';
    assert.equal(verified({ email, email_verified: true }).identity.email, email);
    for (const email_verified of [false, 'true', 1, undefined]) {
      assert.equal(verified({ email, email_verified }).identity.email, null);
    }
  });

  test('reads the claims that are configured, and a dot in their name is no path', () => {
    const claims = { email: 'mail', name: 'https://corp.example/name', groups: 'realm.groups' };
    const { identity } = verified(
      { 'https://corp.example/name': 'Alice', 'realm.groups': ['hr'], realm: { groups: ['admin'] } },
      { claims },
    );
    assert.equal(identity.name, 'Alice');
    assert.deepEqual(identity.groups, ['hr']);
  });

  test('takes no claim from what every object has', () => {
    const { verdict, notes } = judged({}, { claims: { email: 'email', name: 'constructor', groups: '__proto__' } });
    assert.ok(verdict.ok);
    assert.equal(verdict.identity.name, null);
    assert.deepEqual(verdict.identity.groups, []);
    assert.deepEqual(notes, []);
  });

  test('keeps each group once and only those that are wanted', () => {
    const keepsGroup = (group: string) => group.startsWith('hr');
    const { identity } = verified({ groups: ['hr', 'hr', 'sales', 'hr-lead'] }, { keepsGroup });
    assert.deepEqual(identity.groups, ['hr', 'hr-lead']);
  });

  test('takes a single text for one group, and does not search in it', () => {
    const { identity } = verified({ groups: 'chr' }, { keepsGroup: (group) => group === 'hr' });
    assert.deepEqual(identity.groups, []);
    assert.deepEqual(verified({ groups: 'hr' }).identity.groups, ['hr']);
  });

  test('has no groups where the claim is of another shape, and the operator hears of it', () => {
    for (const groups of [{ hr: true }, ['hr', 7], 7, null, true]) {
      const { verdict, notes } = judged({ groups });
      assert.ok(verdict.ok);
      assert.deepEqual(verdict.identity.groups, []);
      assert.deepEqual(
        notes.map((note) => note.event),
        ['bad_groups'],
      );
    }
  });

  test('has the provider session only as a text', () => {
    assert.equal(verified({ sid: 's-1' }).identity.providerSession, 's-1');
    for (const sid of ['', 1, null]) assert.equal(verified({ sid }).identity.providerSession, null);
  });
});
