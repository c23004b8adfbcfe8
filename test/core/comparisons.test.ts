import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Comparison, type Demand, demandOn, unmet } from '../../src/core/demand.ts';
import { standingOf } from '../../src/core/evidence.ts';
import type { Proof, Session } from '../../src/core/session.ts';
import { type Arrived, arrive, type Birth, type Trip } from '../../src/core/step-up.ts';
import type { Seconds } from '../../src/core/time.ts';
import { ANA, EVIDENCE, HOUR, LADDER, levelNamed, MINUTE, NOW, proofOf } from './people.ts';

const BIRTH: Birth = {
  ledger: 'ledger-1',
  family: 'family-1',
  provider: 'corp',
  lifetime: 12 * HOUR,
  ends: null,
  generation: 1,
};

const demand = (comparison: Comparison, level: string, more: { since?: Seconds; maxAge?: Seconds } = {}): Demand =>
  demandOn(LADDER, { level: levelNamed(level), comparison, source: 'payroll/page', ...more });

const PASSWORD = '1';
const MFA = '2';
const PASSKEY = '3';

const withProofs = (...proofs: readonly Proof[]): Session => ({ ...ANA, proofs });
const open = (session: Session, page: Demand, now = NOW): boolean =>
  unmet(page, standingOf(session, EVIDENCE), now) === null;

function arriving(session: Session, page: Demand, proof: Proof, more: Partial<Trip> = {}, now = NOW): Arrived {
  const trip: Trip = { family: session.family, demands: [page], asked: page, tried: [], forced: false, ...more };
  return arrive(trip, session, session, proof, EVIDENCE, BIRTH, now);
}

/** The session after a trip that must end well. */
function after(session: Session, page: Demand, acr: string): Session {
  const arrived = arriving(session, page, proofOf(acr, 0));
  assert.equal(arrived.kind, 'met');
  return arrived.session ?? assert.fail();
}

describe('a step across', () => {
  const cross: readonly (readonly [what: string, had: string, page: Demand, brings: string])[] = [
    ['from a passkey to exactly mfa', PASSKEY, demand('exact', 'mfa'), MFA],
    ['from mfa to exactly a password', MFA, demand('exact', 'password'), PASSWORD],
    ['from a passkey to at most mfa', PASSKEY, demand('maximum', 'mfa'), MFA],
    ['from a passkey to at most mfa, by a password', PASSKEY, demand('maximum', 'mfa'), PASSWORD],
    ['from a password to more than one', PASSWORD, demand('better', 'password'), MFA],
  ];
  for (const [what, had, page, brings] of cross) {
    test(`${what} keeps both proofs, each with its own time`, () => {
      const before = withProofs(proofOf(had, 5 * MINUTE));
      assert.equal(open(before, page), false);
      const session = after(before, page, brings);
      assert.deepEqual(session.proofs, [proofOf(had, 5 * MINUTE), proofOf(brings, 0)]);
      assert.equal(open(session, page), true);
    });
  }

  test('M10 between pages of exactly mfa and exactly a passkey is made once each way, then both are open', () => {
    const [mfa, passkey] = [demand('exact', 'mfa'), demand('exact', 'passkey')];
    let session = withProofs(proofOf(PASSKEY, MINUTE));
    let trips = 0;
    for (let round = 0; round < 6; round++) {
      for (const [page, acr] of [
        [mfa, MFA],
        [passkey, PASSKEY],
      ] as const) {
        if (open(session, page)) continue;
        session = after(session, page, acr);
        trips += 1;
      }
    }
    assert.equal(trips, 1);
    assert.ok(open(session, mfa) && open(session, passkey));
  });

  test('one page that asks for both is two trips, and then open', () => {
    const demands = [demand('exact', 'passkey'), demand('exact', 'mfa')];
    const [passkey, mfa] = demands;
    assert.ok(passkey && mfa);
    const before = withProofs(proofOf(PASSWORD, MINUTE));
    const first = arriving(before, passkey, proofOf(PASSKEY, 0), { demands });
    assert.ok(first.kind === 'next');
    assert.deepEqual(first.trip, { asked: mfa, tried: [passkey], forced: false });
    const second = arriving(first.session, mfa, proofOf(MFA, 0), { demands, ...first.trip });
    assert.equal(second.kind, 'met');
  });
});

describe('an answer that is not what was meant', () => {
  const wrong: readonly (readonly [what: string, page: Demand, brings: string])[] = [
    ['a passkey for exactly mfa', demand('exact', 'mfa'), PASSKEY],
    ['a password for exactly mfa', demand('exact', 'mfa'), PASSWORD],
    ['a passkey for at most mfa', demand('maximum', 'mfa'), PASSKEY],
    ['mfa for more than mfa', demand('better', 'mfa'), MFA],
  ];
  for (const [what, page, brings] of wrong) {
    test(`${what}: the session stays as it is, and there is no second trip`, () => {
      const arrived = arriving(withProofs(proofOf(PASSWORD, HOUR * 9)), page, proofOf(brings, 0));
      assert.deepEqual(arrived, { kind: 'failed', session: null, failure: 'level_not_met' });
    });
  }
});

describe('since something happened', () => {
  const happened = NOW - 10 * MINUTE;
  const emergency = demand('minimum', 'mfa', { since: happened });

  const table: readonly (readonly [what: string, proof: Proof, open: boolean])[] = [
    ['a proof of before does not count', proofOf(MFA, 11 * MINUTE), false],
    ['one of that very second does not', proofOf(MFA, 10 * MINUTE), false],
    ['one of a second later does', proofOf(MFA, 10 * MINUTE - 1), true],
    ['one without a time of authentication does not', proofOf(MFA, 0, { freshAt: null }), false],
    ['one of a lower level does not', proofOf(PASSWORD, 0), false],
    ['one of a higher level does', proofOf(PASSKEY, 60), true],
  ];
  for (const [what, proof, opens] of table) {
    test(what, () => assert.equal(open(withProofs(proof), emergency), opens));
  }

  test('a stale answer is asked for once more, forced, and then it is the end', () => {
    const before = withProofs(proofOf(MFA, 20 * MINUTE));
    const stale = proofOf(MFA, 15 * MINUTE);
    const first = arriving(before, emergency, stale);
    assert.ok(first.kind === 'next');
    assert.deepEqual(first.trip, { asked: emergency, tried: [], forced: true });
    const second = arriving(first.session, emergency, stale, first.trip);
    assert.ok(second.kind === 'failed');
    assert.equal(second.failure, 'stale_authentication');
    assert.equal(arriving(first.session, emergency, proofOf(MFA, 0), first.trip).kind, 'met');
  });

  test('a session that once met it goes on doing so, as long as the level counts', () => {
    const session = after(withProofs(proofOf(MFA, 20 * MINUTE)), emergency, MFA);
    assert.equal(open(session, emergency, NOW + 59 * MINUTE), true);
    assert.equal(open(session, emergency, NOW + 60 * MINUTE), false);
  });
});
