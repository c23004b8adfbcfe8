import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON, SESSION_COOKIE, startBentStage, unharmed } from '../support/besieged.ts';
import type { Json } from '../support/fake-op.ts';
import type { Visitor } from '../support/visitor.ts';

const LEVELS = `    levels:
      password: {acr: pwd}
      mfa: {acr: pwd, acrs: [c1, c2], amr_all: [mfa], claim: {loa: 2}}`;

const GOOD: Json = { acr: 'pwd', acrs: ['p1', 'c1'], amr: ['pwd', 'mfa'], loa: 2 };

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('a level that several facts prove together', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage({ gateway: (text) => text.replace(/ {4}levels:\n(?: {6}.*\n)+/, `${LEVELS}\n`) });
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  const answering = (claims: Json): void => {
    stage.op.script.claims = (given) => ({ ...given, ...claims });
  };

  it('is proven by all of them, and asked for by its contexts', async () => {
    answering(GOOD);
    assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 200);
    const asked = JSON.parse(stage.op.asked.at(-1)?.get('claims') ?? '{}').id_token;
    assert.deepEqual(asked.acrs, { essential: true, values: ['c1', 'c2'] });
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-level'], 'mfa');
  });

  it('is not proven while one of them is missing, nearly right or of another type', async () => {
    const lacking: readonly Json[] = [
      { acr: undefined },
      { acr: 'PWD' },
      { acrs: undefined },
      { acrs: [] },
      { acrs: ['C1'] },
      { acrs: ['c1 '] },
      { acrs: ['c11'] },
      { amr: undefined },
      { amr: [] },
      { amr: ['pwd'] },
      { amr: ['mfa '] },
      { amr: ['MFA'] },
      { loa: undefined },
      { loa: '2' },
      { loa: 3 },
      { loa: true },
      { loa: [2] },
      { loa: { value: 2 } },
    ];
    for (const change of lacking) {
      answering({ ...GOOD, ...change });
      const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/x'));
      assertEnded(stage, reply, 403, 'level_not_met');
      assert.equal(trips, 1, JSON.stringify(change));
    }
  });

  it('is refused with contexts of another shape, and so is the sign-in', async () => {
    for (const acrs of ['c1', ['c1', 1], [['c1']], { 0: 'c1' }, null, 'p1 c1']) {
      answering({ ...GOOD, acrs });
      const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/x'));
      assertEnded(stage, reply, 400, 'invalid_response');
    }
  });

  it('takes its facts from one authentication: two proofs do not add up', async () => {
    answering({ ...GOOD, loa: 1 });
    await browse(stage, alice, '/admin/x');
    answering({ acr: 'pwd', loa: 2, amr: ['pwd'] });
    const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/x'));
    assertEnded(stage, reply, 403, 'level_not_met');
  });

  it('takes no fact from a claim that every object has', async () => {
    answering({ ...GOOD, loa: undefined, constructor: 2, ['__proto__']: { loa: 2 } });
    assertEnded(stage, (await browse(stage, alice, '/admin/x')).reply, 403, 'level_not_met');
  });

  it('makes no cookie larger by what a provider says besides', async () => {
    answering(GOOD);
    await browse(stage, alice, '/admin/x');
    const small = alice.jar.get(SESSION_COOKIE)?.length ?? 0;
    const other = stage.visitor();
    await stage.signIn(other);
    answering({
      ...GOOD,
      acrs: ['c1', ...Array.from({ length: 500 }, (_, i) => `p${i}`)],
      loa: 2,
      loa2: 'x'.repeat(5000),
    });
    assert.equal((await browse(stage, other, '/admin/x')).reply.status, 200);
    assert.ok((other.jar.get(SESSION_COOKIE)?.length ?? 0) <= small + 8);
  });
});
