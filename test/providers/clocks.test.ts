import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Proof } from '../../src/core/session.ts';
import { demandOf, outcome, startBench, systemClock, trip, unmetBy } from './fixtures.ts';

/** Seconds that the provider's clock is ahead of ours, the tolerance, and what becomes of a good answer. */
const TABLE: readonly (readonly [off: number, tolerance: number, outcome: string])[] = [
  [0, 0, 'verified'],
  [-90, 60, 'verified'],
  [90, 60, 'invalid_response'],
  [-400, 60, 'invalid_response'],
  [400, 60, 'invalid_response'],
  [-90, 600, 'verified'],
  [90, 600, 'verified'],
  [-400, 600, 'verified'],
  [400, 600, 'verified'],
  [-1300, 600, 'invalid_response'],
  [1300, 600, 'invalid_response'],
];

/** Ages at which the person authenticated before the token was issued. */
const AGE = 100;

describe('a provider whose clock is off', () => {
  for (const [off, tolerance, expected] of TABLE) {
    const words = `by ${off} s, with ${tolerance} s of tolerance, is ${expected}`;
    test(`${words}; an authentication is as old as it is, and no younger`, async (t) => {
      const bench = await startBench(t, { config: { clockTolerance: tolerance } });
      bench.op.script.claims = (claims) => {
        const iat = systemClock.now() + off;
        return { ...claims, iat, exp: iat + 300, auth_time: iat - AGE };
      };
      const verdict = await trip(bench);
      assert.equal(outcome(verdict), expected, JSON.stringify(verdict));
      if (!verdict.ok) return;
      const { proof } = verdict;
      assert.ok(proof.freshAt !== null && Math.abs(systemClock.now() - AGE - proof.freshAt) <= 2);
      const lacks = (maxAge: number, now: number, of: Proof = proof) => unmetBy(of, demandOf('mfa', maxAge), now);
      assert.equal(lacks(AGE - 5, systemClock.now()), 'stale_authentication');
      assert.equal(lacks(AGE + 20, systemClock.now()), null);
      assert.equal(lacks(AGE + 20, systemClock.now() + 20), 'stale_authentication');
    });
  }

  for (const tolerance of [60, 600]) {
    test(`within ${tolerance} s of its own issue an authentication is as young as its receipt, and ages from then`, async (t) => {
      const bench = await startBench(t, { config: { clockTolerance: tolerance } });
      bench.op.script.authTime = systemClock.now() + tolerance;
      const verdict = await trip(bench);
      assert.ok(verdict.ok);
      const { proof } = verdict;
      assert.ok(proof.at <= systemClock.now());
      assert.equal(unmetBy(proof, demandOf('mfa', 120), proof.at + 120), 'stale_authentication');
    });
  }
});
