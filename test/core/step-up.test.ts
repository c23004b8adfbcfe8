import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { COMPARISONS, type Demand, demandOn, unmet } from '../../src/core/demand.ts';
import { standingOf } from '../../src/core/evidence.ts';
import type { Identity, Proof, Session } from '../../src/core/session.ts';
import { type Arrived, arrive, type Birth, sameDemand, type Trip } from '../../src/core/step-up.ts';
import { ANA, demandOf, EVIDENCE, HOUR, LADDER, MFA, NOW, PASSKEY, PASSWORD, proofOf } from './people.ts';

const { issuer, subject, name, email, groups, namedGroupsOnly, claims, sought, providerSession, loginHint } = ANA;
const ANA_AGAIN: Identity = {
  ...{ issuer, subject, name, email, groups, namedGroupsOnly, claims, sought, providerSession, loginHint },
};
const BOB: Identity = { ...ANA_AGAIN, subject: 'bob', name: 'Bob', email: null };
const BIRTH: Birth = {
  ledger: 'ledger-1',
  family: 'family-new',
  provider: 'corp',
  lifetime: 12 * HOUR,
  ends: null,
  generation: 0,
};
const SIGNED_IN: Session = { ...ANA, proofs: [proofOf('1', HOUR)] };

const tripFor = (demands: readonly Demand[], more: Partial<Trip> = {}): Trip => ({
  family: ANA.family,
  demands,
  asked: demands[0] ?? demandOf(PASSWORD),
  tried: [],
  forced: false,
  ...more,
});
const signInFor = (...demands: readonly Demand[]): Trip => tripFor(demands, { family: null });
const stepUpFor = (...demands: readonly Demand[]): Trip => tripFor(demands);

const arriving = (
  trip: Trip,
  current: Session | null,
  proof: Proof,
  identity: Identity = ANA_AGAIN,
  birth: Birth = BIRTH,
): Arrived => arrive(trip, current, identity, proof, EVIDENCE, birth, NOW);

/** The session a trip ends with; none is a failure of the test. */
function sessionAfter(arrived: Arrived): Session {
  assert.ok(arrived.session !== null);
  return arrived.session;
}

describe('a first sign-in', () => {
  test('that proves what was asked is met, with a session of generation 1 that lasts its lifetime', () => {
    const proof = proofOf('2', 5);
    const arrived = arriving(signInFor(demandOf(MFA)), null, proof);
    assert.deepEqual(arrived, {
      kind: 'met',
      session: {
        ...ANA_AGAIN,
        birth: 'ledger-1',
        family: 'family-new',
        generation: 1,
        provider: 'corp',
        proofs: [proof],
        createdAt: NOW,
        expiresAt: NOW + 12 * HOUR,
      },
    });
  });

  test('that proves less is a sign-in all the same, and says so', () => {
    const arrived = arriving(signInFor(demandOf(MFA)), null, proofOf('1', 0));
    assert.ok(arrived.kind === 'failed');
    assert.equal(arrived.failure, 'level_not_met');
    assert.deepEqual(arrived.session?.proofs, [proofOf('1', 0)]);
  });

  for (const [is, acr] of [
    ['T001 no acr', null],
    ['T007 an unknown acr', 'gold'],
    ['T006 an acr of 0', '0'],
  ] as const) {
    test(`${is} proves nothing: no session at all`, () => {
      const arrived = arriving(signInFor(demandOf(PASSWORD)), null, proofOf(acr, 0));
      assert.deepEqual(arrived, { kind: 'failed', session: null, failure: 'level_not_met' });
    });
  }

  test('ends well if the same person signed in meanwhile in another tab: that session is stepped up', () => {
    const session = sessionAfter(arriving(signInFor(demandOf(MFA)), SIGNED_IN, proofOf('2', 0)));
    assert.equal(session.family, ANA.family);
    assert.equal(session.generation, 2);
  });

  test('changes nothing if somebody else signed in meanwhile', () => {
    const arrived = arriving(signInFor(demandOf(PASSWORD)), SIGNED_IN, proofOf('1', 0), BOB);
    assert.deepEqual(arrived, { kind: 'failed', session: null, failure: 'session_changed' });
  });
});

describe('a step-up', () => {
  test('adds its proof, in a new generation of the same family, and does not lengthen the session', () => {
    const arrived = arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, proofOf('2', 0));
    assert.deepEqual(arrived, {
      kind: 'met',
      session: { ...SIGNED_IN, generation: 2, proofs: [...SIGNED_IN.proofs, proofOf('2', 0)] },
    });
  });

  test('goes beyond the newest generation anybody knows of', () => {
    const session = sessionAfter(
      arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, proofOf('2', 0), ANA_AGAIN, { ...BIRTH, generation: 7 }),
    );
    assert.equal(session.generation, 8);
  });

  test('tells anew which groups there are, where some did not fit before', () => {
    const before: Session = { ...SIGNED_IN, groups: ['hr'], namedGroupsOnly: true };
    const session = sessionAfter(
      arriving(stepUpFor(demandOf(MFA)), before, proofOf('2', 5), { ...ANA_AGAIN, groups: ['hr', 'sales'] }),
    );
    assert.deepEqual([session.groups, session.namedGroupsOnly], [['hr', 'sales'], false]);
  });

  test('tells anew who the person is', () => {
    const session = sessionAfter(
      arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, proofOf('2', 0), { ...ANA_AGAIN, name: 'Ana B.', groups: ['hr'] }),
    );
    assert.equal(session.name, 'Ana B.');
    assert.deepEqual(session.groups, ['hr']);
  });

  for (const [is, acr] of [
    ['T001 no acr', null],
    ['T002 a lower acr', '1'],
    ['T006 an acr of 0', '0'],
    ['T007 an unknown acr', 'gold'],
  ] as const) {
    test(`${is}: the old session stays as it is, and there is no second trip`, () => {
      const arrived = arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, proofOf(acr, 0));
      assert.deepEqual(arrived, { kind: 'failed', session: null, failure: 'level_not_met' });
    });
  }

  for (const [is, identity] of [
    ['T027 somebody else', BOB],
    ['T028 the same subject of another issuer', { ...ANA_AGAIN, issuer: 'https://other.example.com' }],
    ['T030 the same address with another subject', { ...ANA_AGAIN, subject: 'ana2' }],
  ] as const) {
    test(`${is} comes back: nothing merges`, () => {
      const arrived = arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, proofOf('3', 0), identity);
      assert.deepEqual(arrived, { kind: 'failed', session: null, failure: 'subject_mismatch' });
    });
  }

  for (const [is, current] of [
    ['signed out meanwhile', null],
    ['signed in anew meanwhile', { ...SIGNED_IN, family: 'family-2' }],
  ] as const) {
    test(`${is}: the trip belongs to a session that is gone`, () => {
      const arrived = arriving(stepUpFor(demandOf(MFA)), current, proofOf('2', 0));
      assert.deepEqual(arrived, { kind: 'failed', session: null, failure: 'session_changed' });
    });
  }

  test('with a stronger proof than asked is met', () => {
    assert.equal(arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, proofOf('3', 0)).kind, 'met');
  });
});

describe('a proof that is too old', () => {
  const fresh = demandOf(MFA, 300);

  test('makes one more trip, which demands the authentication anew', () => {
    const arrived = arriving(stepUpFor(fresh), SIGNED_IN, proofOf('2', 600));
    assert.ok(arrived.kind === 'next');
    assert.deepEqual(arrived.trip, { asked: fresh, tried: [], forced: true });
  });

  test('T010 T011 after the forced trip is the end, with the proof kept for what it is worth', () => {
    const arrived = arriving(tripFor([fresh], { forced: true }), SIGNED_IN, proofOf('2', 600));
    assert.ok(arrived.kind === 'failed');
    assert.equal(arrived.failure, 'stale_authentication');
    assert.equal(arrived.session?.proofs.length, 2);
  });

  test('T010 is one without a time of authentication too', () => {
    const untimed = proofOf('2', 0, { freshAt: null });
    assert.equal(arriving(stepUpFor(fresh), SIGNED_IN, untimed).kind, 'next');
    assert.equal(arriving(tripFor([fresh], { forced: true }), SIGNED_IN, untimed).kind, 'failed');
    assert.equal(arriving(stepUpFor(demandOf(MFA)), SIGNED_IN, untimed).kind, 'met');
  });
});

describe('a requirement of several demands', () => {
  const passkey = demandOf(PASSKEY);
  const freshPassword = demandOf(PASSWORD, 60);

  test('makes the next trip for what is still missing, and remembers what was tried', () => {
    const arrived = arriving(tripFor([passkey, freshPassword]), SIGNED_IN, proofOf('3', 120));
    assert.ok(arrived.kind === 'next');
    assert.deepEqual(arrived.trip, { asked: freshPassword, tried: [passkey], forced: false });
  });

  test('never asks for the same thing twice', () => {
    const trip = tripFor([passkey, freshPassword], { tried: [freshPassword] });
    const arrived = arriving(trip, SIGNED_IN, proofOf('3', 120));
    assert.ok(arrived.kind === 'failed');
    assert.equal(arrived.failure, 'stale_authentication');
  });

  test('the same level and age is the same thing, whoever asks', () => {
    assert.ok(sameDemand(demandOf(MFA, 60, 'app'), demandOf(MFA, 60, 'app/rule')));
    assert.ok(!sameDemand(demandOf(MFA, 60), demandOf(MFA)));
    assert.ok(!sameDemand(demandOf(MFA), demandOf(PASSKEY)));
  });
});

const demands = fc.array(
  fc
    .record({
      level: fc.constantFrom(...LADDER.levels),
      comparison: fc.constantFrom(...COMPARISONS),
      maxAge: fc.constantFrom(null, 60, 300, 900),
      since: fc.constantFrom(null, NOW - 400, NOW),
    })
    .map((terms) => demandOn(LADDER, { ...terms, source: 'app' })),
  { minLength: 1, maxLength: 4 },
);
const answers = fc.array(
  fc
    .record({ acr: fc.constantFrom(null, '0', '1', '2', '3', 'gold'), age: fc.nat(1200), timed: fc.boolean() })
    .map(({ acr, age, timed }) => proofOf(acr, age, timed ? {} : { freshAt: null })),
  { minLength: 16, maxLength: 16 },
);

test('T160 whatever a provider answers, the trips end: no demand twice, but for one forced retry', () => {
  fc.assert(
    fc.property(demands, answers, fc.option(fc.constant(SIGNED_IN)), (asked, proofs, first) => {
      let current = first;
      let trip = tripFor(asked, { family: current?.family ?? null });
      const made: string[] = [];
      for (const proof of proofs) {
        const { level, comparison, maxAge, since } = trip.asked;
        made.push([level.name, comparison, maxAge, since, trip.forced].join(' '));
        const arrived = arrive(trip, current, ANA_AGAIN, proof, EVIDENCE, BIRTH, NOW);
        current = arrived.session ?? current;
        if (arrived.kind !== 'next') break;
        trip = { ...trip, ...arrived.trip, family: arrived.session.family };
      }
      assert.ok(made.length < proofs.length);
      assert.equal(new Set(made).size, made.length);
    }),
    { numRuns: 3000 },
  );
});

test('met means that every demand is met by the session it ends with, and no session outlives its sign-in', () => {
  fc.assert(
    fc.property(demands, answers, (asked, [proof]) => {
      if (proof === undefined) return;
      const arrived = arriving(tripFor(asked), SIGNED_IN, proof);
      if (arrived.session !== null) {
        assert.equal(arrived.session.expiresAt, SIGNED_IN.expiresAt);
        assert.equal(arrived.session.generation, SIGNED_IN.generation + 1);
      }
      if (arrived.kind !== 'met') return;
      const standing = standingOf(arrived.session, EVIDENCE);
      for (const demand of asked) assert.equal(unmet(demand, standing, NOW), null);
    }),
    { numRuns: 3000 },
  );
});
