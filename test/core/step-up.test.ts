import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Demand } from '../../src/core/demand.ts';
import type { EvidenceMap } from '../../src/core/evidence.ts';
import { buildLadder, type Level } from '../../src/core/ladder.ts';
import type { Identity, Proof, Session } from '../../src/core/session.ts';
import { type Arrived, arrive, type Trip } from '../../src/core/step-up.ts';

const NOW = 1_800_000_000;
const ladder = buildLadder([
  { name: 'password', validity: 8 * 3600 },
  { name: 'mfa', validity: 3600 },
  { name: 'passkey', validity: 900 },
]);
const level = (name: string): Level => ladder.named.get(name) ?? assert.fail(name);
const map: EvidenceMap = {
  marks: ['passkey', 'mfa', 'password'].map((name) => ({ level: level(name), acr: name })),
  unmarked: null,
};
const demand = (name: string, maxAge: number | null = null): Demand => ({
  level: level(name),
  maxAge,
  source: 'app/rule',
});
const proof = (acr: string | null, age = 0, dated = true): Proof => ({
  at: NOW - age,
  freshAt: dated ? NOW - age : null,
  acr,
  amr: null,
});
const alice: Identity = {
  issuer: 'https://id.example',
  subject: 'alice',
  name: 'Alice',
  email: null,
  groups: [],
  providerSession: null,
};
const session = (proofs: readonly Proof[], family = 'F'): Session => ({
  ...alice,
  birth: 'ledger',
  family,
  generation: 3,
  provider: 'corp',
  proofs,
  createdAt: NOW - 100,
  expiresAt: NOW + 5000,
});
const birth = { ledger: 'ledger', family: 'new', provider: 'corp', lifetime: 43_200, generation: 0 };
const trip = (asked: Demand, more: Partial<Trip> = {}): Trip => ({
  family: null,
  requirement: { demands: [asked] },
  asked,
  tried: [],
  forced: false,
  ...more,
});
const end = (arrived: Arrived): string => (arrived.kind === 'failed' ? arrived.failure : arrived.kind);

describe('the end of a trip', () => {
  it('signs a person in who was not', () => {
    const arrived = arrive(trip(demand('mfa')), null, alice, proof('mfa'), map, birth, NOW);
    assert.equal(arrived.kind, 'met');
    const { session: made } = arrived;
    assert.deepEqual(
      { family: made?.family, generation: made?.generation, created: made?.createdAt, expires: made?.expiresAt },
      { family: 'new', generation: 1, created: NOW, expires: NOW + 43_200 },
    );
  });

  it('raises the session it was born in: same family, newer generation, same end', () => {
    const before = session([proof('password', 50)]);
    const arrived = arrive(
      trip(demand('mfa'), { family: 'F' }),
      before,
      alice,
      proof('mfa'),
      map,
      { ...birth, generation: 7 },
      NOW,
    );
    assert.equal(arrived.kind, 'met');
    assert.equal(arrived.session?.family, 'F');
    assert.equal(arrived.session?.generation, 8, 'newer than any that is known');
    assert.equal(arrived.session?.expiresAt, before.expiresAt);
    assert.deepEqual(arrived.session?.proofs, [proof('password', 50), proof('mfa')]);
  });

  const who: readonly [string, Trip['family'], Session | null, Identity, string][] = [
    ['somebody else came back', 'F', session([]), { ...alice, subject: 'bob' }, 'subject_mismatch'],
    [
      'the same subject of another issuer',
      'F',
      session([]),
      { ...alice, issuer: 'https://evil.example' },
      'subject_mismatch',
    ],
    [
      'the same e-mail is not the same person',
      'F',
      session([]),
      { ...alice, subject: 'x', email: 'a@b' },
      'subject_mismatch',
    ],
    ['signed out meanwhile', 'F', null, alice, 'session_changed'],
    ['signed in anew meanwhile', 'F', session([], 'G'), alice, 'session_changed'],
    ['another person signed in meanwhile', null, { ...session([]), subject: 'bob' }, alice, 'session_changed'],
  ];
  for (const [what, family, current, identity, failure] of who) {
    it(`changes nothing when ${what}`, () => {
      const arrived = arrive(trip(demand('mfa'), { family }), current, identity, proof('mfa'), map, birth, NOW);
      assert.equal(end(arrived), failure);
      assert.equal(arrived.session, null);
    });
  }

  it('continues the session of the same person that another tab made meanwhile', () => {
    const arrived = arrive(
      trip(demand('password')),
      session([proof('mfa')]),
      alice,
      proof('password'),
      map,
      birth,
      NOW,
    );
    assert.equal(arrived.kind, 'met');
    assert.equal(arrived.session?.family, 'F');
  });

  it('leaves a session as it was when the answer is weaker than asked', () => {
    for (const acr of ['password', 'gold', '0', null]) {
      const arrived = arrive(trip(demand('mfa'), { family: 'F' }), session([]), alice, proof(acr), map, birth, NOW);
      assert.equal(end(arrived), 'level_not_met', String(acr));
      assert.equal(arrived.session, null, String(acr));
    }
  });

  it('signs in at the weaker level a person who had no session, and says that it is not enough', () => {
    const arrived = arrive(trip(demand('mfa')), null, alice, proof('password'), map, birth, NOW);
    assert.equal(end(arrived), 'level_not_met');
    assert.deepEqual(arrived.session?.proofs, [proof('password')]);
  });

  it('signs nobody in on evidence of nothing', () => {
    const arrived = arrive(trip(demand('password')), null, alice, proof(null), map, birth, NOW);
    assert.equal(end(arrived), 'level_not_met');
    assert.equal(arrived.session, null);
  });

  it('retries once with a forced authentication when the answer is too old, then ends', () => {
    const stale = arrive(trip(demand('mfa', 120)), null, alice, proof('mfa', 600), map, birth, NOW);
    assert.equal(stale.kind, 'next');
    assert.equal(stale.kind === 'next' && stale.trip.forced, true);
    const again = arrive(
      trip(demand('mfa', 120), { forced: true, family: 'new' }),
      stale.session,
      alice,
      proof('mfa', 600),
      map,
      birth,
      NOW,
    );
    assert.equal(end(again), 'stale_authentication');
  });

  it('counts an answer without a time for the validity, never for max_age', () => {
    const arrived = arrive(
      trip(demand('mfa', 120), { forced: true }),
      null,
      alice,
      proof('mfa', 0, false),
      map,
      birth,
      NOW,
    );
    assert.equal(end(arrived), 'stale_authentication');
    assert.deepEqual(arrived.session?.proofs, [proof('mfa', 0, false)], 'and is kept');
  });

  it('goes on to the next demand that is missing, and to none twice', () => {
    const asked = demand('passkey');
    const fresh = demand('password', 60);
    const both = { demands: [asked, fresh] };
    const first = arrive(trip(asked, { requirement: both }), null, alice, proof('passkey', 300), map, birth, NOW);
    assert.equal(first.kind === 'next' && first.trip.asked, fresh);
    const second = arrive(
      trip(fresh, { requirement: both, tried: [asked, fresh], family: 'new' }),
      first.session,
      alice,
      proof('password', 10),
      map,
      birth,
      NOW,
    );
    assert.equal(second.kind, 'met');
    const repeated = arrive(
      trip(asked, { requirement: both, tried: [fresh], family: 'new' }),
      first.session,
      alice,
      proof('passkey', 300),
      map,
      birth,
      NOW,
    );
    assert.equal(end(repeated), 'stale_authentication');
  });
});
