import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ERRORS } from '../../src/errors.ts';
import { decodeHandedOver, encodeHandedOver, type HandedOver } from '../../src/sessions/received-codec.ts';
import { NOW } from './fixtures.ts';

const from = { provider: 'corp', relayState: 'sealed', believed: 'word' };

const received: HandedOver = {
  ...from,
  result: {
    ok: true,
    identity: {
      issuer: 'https://idp.example.com/metadata',
      subject: 'alice',
      name: 'Alice Åberg',
      email: 'alice@example.com',
      groups: ['hr', 'a,b'],
      namedGroupsOnly: false,
      sought: 'abcd',
      claims: new Map([
        ['department', ['sales', 'hr']],
        ['cost_center', null],
      ]),
      providerSession: '["alice",null,null,null,"_1"]',
      loginHint: null,
    },
    proof: { at: NOW - 60, freshAt: NOW - 60, acr: 'urn:x:mfa', amr: null, facts: [['authn', 'otp']] },
    sessionEnds: NOW + 3600,
    inResponseTo: '_request',
    assertion: '_assertion',
    issuedAt: NOW - 2,
    expires: NOW + 300,
  },
};

const refused: HandedOver = {
  ...from,
  result: { ok: false, failure: 'level_not_met', detail: 'provider answered noAuthnContext', inResponseTo: '_request' },
};

describe('what came of a response', () => {
  for (const [name, handedOver] of [
    ['verified', received],
    ['refused', refused],
  ] as const) {
    test(`comes back as it was: ${name}`, () => {
      assert.deepEqual(decodeHandedOver(encodeHandedOver(handedOver)), handedOver);
    });

    test(`is nothing with any field of another type, one less or one more: ${name}`, () => {
      const fields: unknown[] = JSON.parse(encodeHandedOver(handedOver));
      for (const [place, value] of fields.entries()) {
        const odd = [{}, [], true, 1.5, -1, ...(value === null ? [] : [null])];
        for (const other of odd.filter((one) => typeof one !== typeof value || one === null)) {
          // When a session ends may well not be said, nor what a refusal is an answer to.
          if (other === null && (handedOver.result.ok ? place === 8 : place === 4)) continue;
          assert.equal(decodeHandedOver(JSON.stringify(fields.with(place, other))), null, `${place}: ${other}`);
        }
      }
      assert.equal(decodeHandedOver(JSON.stringify(fields.slice(0, -1))), null);
      assert.equal(decodeHandedOver(JSON.stringify([...fields, null])), null);
    });
  }

  test('is refused by a word of ours and no other', () => {
    const fields: unknown[] = JSON.parse(encodeHandedOver(refused));
    for (const word of ['', 'no_such_word', 'toString', '__proto__']) {
      assert.equal(decodeHandedOver(JSON.stringify(fields.with(5, word))), null, word);
    }
    assert.ok(Object.hasOwn(ERRORS, String(fields[5])));
  });

  test('is nothing for a text that is none of ours, and nothing is thrown', () => {
    for (const text of ['', 'null', '[]', '{}', '[1]', '<Response/>']) assert.equal(decodeHandedOver(text), null);
    fc.assert(fc.property(fc.json(), (text) => decodeHandedOver(text) === null));
  });
});
