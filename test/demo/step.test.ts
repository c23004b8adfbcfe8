import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACR_MFA, ACR_PASSKEY, ACR_PASSWORD } from '../../src/demo/acr.ts';
import { askedAcr } from '../../src/demo/oidc/asked.ts';
import { demoPeople } from '../../src/demo/people.ts';
import { nextStep, type Standing } from '../../src/demo/step.ts';

const [alice, bob, carol] = demoPeople((size) => Buffer.alloc(size, 1));
assert.ok(alice !== undefined && bob !== undefined && carol !== undefined);
const nothing = { essential: false, values: [] };
const mfa = { essential: true, values: [ACR_MFA] };

const passkey = { essential: true, values: [ACR_PASSKEY] };

/** Nobody, asked for nothing; carol alone has a passkey. */
const NOBODY: Standing = {
  asked: nothing,
  anew: false,
  entered: null,
  remembered: null,
  confirmed: null,
  hasPasskey: (person) => person === carol,
};

describe('the next step at the demo’s identity provider', () => {
  const rows: readonly (readonly [string, Partial<Standing>, string])[] = [
    ['nobody there: the password', { anew: true }, 'password'],
    ['password given, nothing asked: done', { anew: true, entered: bob }, 'done'],
    ['a login of before, mfa: the code', { asked: mfa, remembered: alice }, 'second_factor'],
    ['the same, anew: the password first', { asked: mfa, anew: true, remembered: alice }, 'password'],
    ['no second factor: back at once', { asked: mfa, remembered: bob }, 'unmet'],
    ['the same, anew: another may answer', { asked: mfa, anew: true, remembered: bob }, 'password'],
    ['another answered', { asked: mfa, anew: true, entered: alice, remembered: bob }, 'second_factor'],
    ['a passkey of nobody known: the password', { asked: passkey, anew: true }, 'password'],
    ['a passkey there is: nothing else', { asked: passkey, remembered: carol }, 'passkey'],
    ['the same, anew: still nothing else', { asked: passkey, anew: true, remembered: carol }, 'passkey'],
    ['the same, after a password', { asked: passkey, anew: true, entered: carol }, 'passkey'],
    ['no passkey: the second factor first', { asked: passkey, remembered: alice }, 'second_factor'],
    ['no passkey, anew: the password first', { asked: passkey, anew: true, remembered: alice }, 'password'],
    [
      'second factor given: a passkey is registered',
      { asked: passkey, remembered: alice, confirmed: alice },
      'register_passkey',
    ],
    ['second factor of another: not so', { asked: passkey, remembered: alice, confirmed: carol }, 'second_factor'],
    ['no second factor: no passkey either', { asked: passkey, remembered: bob, confirmed: bob }, 'unmet'],
    ['mfa of somebody with a passkey: the code', { asked: mfa, remembered: carol }, 'second_factor'],
  ];
  for (const [name, standing, kind] of rows) {
    it(name, () => assert.equal(nextStep({ ...NOBODY, ...standing }).kind, kind));
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
