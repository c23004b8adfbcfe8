import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judge } from '../../src/providers/judge.ts';
import { configOf } from './fixtures.ts';

const NOW = 1_800_000_000;
const TOLERANCE = 60;
const nearNow = fc.oneof(fc.integer({ min: NOW - 2000, max: NOW + 2000 }), fc.double({ min: NOW - 90, max: NOW + 90 }));
const anything = fc.oneof(fc.anything(), fc.jsonValue(), nearNow);
const claims = fc.record(
  {
    aud: fc.oneof({ weight: 5, arbitrary: fc.constant('stepgate') }, anything),
    azp: fc.oneof({ weight: 3, arbitrary: fc.constant('stepgate') }, anything),
    sub: fc.oneof({ weight: 5, arbitrary: fc.constant('alice') }, anything),
    iat: fc.oneof({ weight: 5, arbitrary: nearNow }, anything),
    auth_time: fc.oneof({ weight: 4, arbitrary: nearNow }, fc.integer({ min: 0, max: NOW }), anything),
    acr: fc.oneof(fc.string(), fc.string({ unit: 'binary' }), anything),
    amr: fc.oneof(fc.array(fc.string()), anything),
    groups: anything,
    email: anything,
    email_verified: anything,
    name: anything,
    sid: anything,
  },
  { requiredKeys: ['aud', 'sub', 'iat'] },
);

test('no claims of any type throw, and no proof lies in the future or is younger than the provider said', () => {
  let proofs = 0;
  fc.assert(
    fc.property(claims, (given) => {
      const { verdict } = judge(given, configOf({ clockTolerance: TOLERANCE }), 'https://id.example.com', NOW);
      if (!verdict.ok) {
        assert.equal(verdict.failure, 'invalid_response');
        assert.match(verdict.detail, /^check failed: [a-z_ ]+$/);
        return;
      }
      proofs += 1;
      const { proof, identity } = verdict;
      assert.ok(proof.at <= NOW && proof.at >= 0);
      assert.equal(typeof identity.subject, 'string');
      assert.ok(proof.acr === null || proof.acr === given.acr);
      assert.ok(proof.amr === null || proof.amr.every((method) => typeof method === 'string'));
      assert.ok(identity.email === null || given.email_verified === true);
      if (given.auth_time === undefined) assert.equal(proof.freshAt, null);
      else {
        assert.ok(typeof given.auth_time === 'number' && typeof given.iat === 'number');
        assert.equal(proof.freshAt, proof.at);
        assert.ok(NOW - proof.at >= Math.min(NOW, given.iat - given.auth_time));
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(proofs > 100, `only ${proofs} of the claims were good enough to look at`);
});
