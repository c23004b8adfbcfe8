import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACR_MFA, ACR_PASSWORD, askedAcr } from '../../src/demo/acr.ts';
import { demoPeople } from '../../src/demo/people.ts';
import { nextStep } from '../../src/demo/step.ts';

const [alice, bob] = demoPeople((size) => Buffer.alloc(size, 1));
assert.ok(alice !== undefined && bob !== undefined);
const nothing = { essential: false, values: [] };
const mfa = { essential: true, values: [ACR_MFA] };

describe('the next step at the demo’s identity provider', () => {
  const rows = [
    ['nobody there: the password', { asked: nothing, anew: true, entered: null, remembered: null }, 'password'],
    ['password given, nothing asked: done', { asked: nothing, anew: true, entered: bob, remembered: null }, 'done'],
    [
      'a login of before, mfa: the code',
      { asked: mfa, anew: false, entered: null, remembered: alice },
      'second_factor',
    ],
    ['the same, anew: the password first', { asked: mfa, anew: true, entered: null, remembered: alice }, 'password'],
    ['no second factor: back at once', { asked: mfa, anew: false, entered: null, remembered: bob }, 'unmet'],
    ['the same, anew: another may answer', { asked: mfa, anew: true, entered: null, remembered: bob }, 'password'],
    ['another answered', { asked: mfa, anew: true, entered: alice, remembered: bob }, 'second_factor'],
  ] as const;
  for (const [name, standing, kind] of rows) {
    it(name, () => assert.equal(nextStep(standing).kind, kind));
  }
});

describe('what a request asks of the strength of authentication', () => {
  const claims = (acr: unknown) => ({ claims: JSON.stringify({ id_token: { acr } }) });
  const rows = [
    ['nothing', {}, nothing],
    ['acr_values', { acr_values: `${ACR_MFA} ${ACR_PASSWORD}` }, { essential: false, values: [ACR_MFA, ACR_PASSWORD] }],
    ['an essential value', claims({ essential: true, value: ACR_MFA }), mfa],
    ['essential values', claims({ essential: true, values: [ACR_MFA] }), mfa],
    ['a wish', claims({ values: [ACR_MFA] }), { essential: false, values: [ACR_MFA] }],
    ['essential, of no value', claims({ essential: true }), nothing],
    ['null', claims(null), nothing],
    ['values of a wrong type', claims({ essential: true, values: [1, null] }), nothing],
    ['no JSON', { claims: '{' }, nothing],
    ['both: acr_values win', { acr_values: ACR_MFA, ...claims({ essential: true }) }, { ...mfa, essential: false }],
  ] as const;
  for (const [name, params, asked] of rows) {
    it(name, () => assert.deepEqual(askedAcr(params), asked));
  }
});
