import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, FLOW_COOKIE, NOON, startBentStage, targetOf, unharmed } from '../support/besieged.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const headerBytes = (visitor: Visitor): number =>
  [...visitor.jar].map(([name, value]) => `${name}=${value}; `).join('').length;

/** A tab on its way: where it wants to go, where it is, and how often it was at the provider. */
interface Tab {
  readonly page: string;
  reply: Reply;
  trips: number;
}

/** One hop of a tab that is at the provider: answered there, and back at the gateway. */
async function comeBack(stage: BentStage, visitor: Visitor, tab: Tab): Promise<void> {
  tab.trips += 1;
  tab.reply = await visitor.open(targetOf(await stage.op.visit(tab.reply.location ?? '')));
}

const isAtProvider = (stage: BentStage, { reply }: Tab): boolean =>
  reply.status === 303 && reply.location?.startsWith(stage.op.issuer) === true;

/** Deals a list out anew, the same way for the same seed. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed;
  return list
    .map((item) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return [state, item] as const;
    })
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

describe('many tabs at once', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
  });
  beforeEach(() => {
    alice = stage.visitor();
  });
  after(() => stage.stop());

  /** Opens pages at the same moment: every request carries the cookies from before all of them. */
  const openAll = async (pages: readonly string[]): Promise<Tab[]> =>
    Promise.all(pages.map(async (page) => ({ page, reply: await alice.open(page), trips: 0 })));
  const pagesOf = (path: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${path}/${i}?q=${'x'.repeat(100)}`);

  function assertLanded(tabs: readonly Tab[]): void {
    for (const { page, reply, trips } of tabs) {
      assert.equal(reply.status, 303, `${page}: ${reply.text.slice(-300)}`);
      assert.equal(reply.location, `${stage.origin}${page}`);
      assert.ok(trips <= 2, `${page}: ${trips} trips`);
    }
  }

  it('T038 five tabs step up one after the other and come back in reverse order: each lands on its page', async () => {
    await stage.signIn(alice);
    const tabs: Tab[] = [];
    for (const page of pagesOf('/admin', 5)) tabs.push({ page, reply: await alice.open(page), trips: 0 });
    for (const tab of tabs.toReversed()) await comeBack(stage, alice, tab);
    assertLanded(tabs);
    assert.ok(tabs.every(({ trips }) => trips === 1));
    for (const { page } of tabs) assert.equal((await alice.open(page)).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password,mfa');
    assert.equal([...alice.jar.keys()].filter((name) => FLOW_COOKIE.test(name)).length, 0);
  });

  it('T038 forty flows under way leave five cookies, each of at most 1 kB, and no header over 8 kB', async () => {
    await stage.signIn(alice);
    for (const page of pagesOf('/admin', 40)) {
      const reply = await alice.open(page);
      assert.equal(reply.status, 303);
      assert.ok(reply.setCookies.length <= 2);
      assert.ok(headerBytes(alice) < 8192);
    }
    const flows = [...alice.jar].filter(([name]) => FLOW_COOKIE.test(name));
    assert.equal(flows.length, 5);
    for (const [name, value] of flows) assert.ok(value.length <= 1024, name);
  });

  it('T038 of forty flows the newest is still good, the oldest is gone', async () => {
    await stage.signIn(alice);
    const tabs: Tab[] = [];
    for (const page of pagesOf('/admin', 40)) {
      mock.timers.tick(1000);
      tabs.push({ page, reply: await alice.open(page), trips: 0 });
    }
    const newest = tabs.at(-1);
    assert.ok(newest);
    await comeBack(stage, alice, newest);
    assertLanded([newest]);
    const exchanged = stage.op.counts.token;
    for (const tab of tabs.slice(0, 35)) await comeBack(stage, alice, tab);
    assertLanded(tabs.slice(0, 35));
    assert.equal(stage.op.counts.token, exchanged, 'an orphan was exchanged');
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`thirty pages opened at once, nobody signed in, answers in any order (${seed}): each lands on its page`, async () => {
      const tabs = await openAll(pagesOf('/home', 30));
      let waiting = shuffled(tabs, seed);
      while (waiting.length > 0) {
        const [next, ...rest] = waiting;
        if (next === undefined) break;
        await comeBack(stage, alice, next);
        // Half of the orders answer a restarted sign-in at once, the others after everybody else.
        waiting = !isAtProvider(stage, next) ? rest : seed % 2 === 0 ? [next, ...rest] : [...rest, next];
      }
      assertLanded(tabs);
      assert.equal((await alice.open('/home')).status, 200);
      assert.ok(headerBytes(alice) < 8192);
    });
  }

  it('thirty pages opened at once and answered at once: each lands on its page', async () => {
    const tabs = await openAll(pagesOf('/home', 30));
    for (let rounds = 0; tabs.some((tab) => isAtProvider(stage, tab)); rounds += 1) {
      assert.ok(rounds < 3, 'a loop');
      await Promise.all(tabs.filter((tab) => isAtProvider(stage, tab)).map((tab) => comeBack(stage, alice, tab)));
    }
    assertLanded(tabs);
  });

  it('thirty step-ups opened at once, answers in any order: each lands on its page', async () => {
    await stage.signIn(alice);
    const tabs = await openAll(pagesOf('/admin', 30));
    let waiting = shuffled(tabs, 7);
    for (let hops = 0; waiting.length > 0; hops += 1) {
      assert.ok(hops < 100, 'a loop');
      const [next, ...rest] = waiting;
      if (next === undefined) break;
      await comeBack(stage, alice, next);
      waiting = isAtProvider(stage, next) ? [...rest, next] : rest;
    }
    assertLanded(tabs);
    assert.equal((await alice.open('/admin/0')).status, 200);
  });

  it('thirty step-ups opened at once and answered at once: each lands on its page', async () => {
    await stage.signIn(alice);
    const tabs = await openAll(pagesOf('/admin', 30));
    for (let rounds = 0; tabs.some((tab) => isAtProvider(stage, tab)); rounds += 1) {
      assert.ok(rounds < 3, 'a loop');
      await Promise.all(tabs.filter((tab) => isAtProvider(stage, tab)).map((tab) => comeBack(stage, alice, tab)));
    }
    assertLanded(tabs);
  });

  it('somebody signed in whose browser lost one flow is sent once more, without an exchange, and lands', async () => {
    await stage.signIn(alice);
    const tab: Tab = { page: '/admin/people', reply: await alice.open('/admin/people'), trips: 0 };
    for (const name of alice.jar.keys()) if (FLOW_COOKIE.test(name)) alice.jar.delete(name);
    const exchanged = stage.op.counts.token;
    await comeBack(stage, alice, tab);
    assert.ok(isAtProvider(stage, tab));
    assert.equal(stage.op.counts.token, exchanged);
    await comeBack(stage, alice, tab);
    assertLanded([tab]);
  });

  it('somebody signed in whose browser loses every flow is told so, and is not sent round for ever', async () => {
    await stage.signIn(alice);
    const { reply, trips } = await unharmed(stage, alice, () =>
      browse(stage, alice, '/admin/people', async (target) => {
        for (const name of alice.jar.keys()) if (FLOW_COOKIE.test(name)) alice.jar.delete(name);
        return alice.open(target);
      }),
    );
    assertEnded(stage, reply, 400, 'flow_expired');
    assert.ok(trips <= 2, String(trips));
  });

  it('a sixth flow takes the slot of the oldest, and is good', async () => {
    const oldest: Tab = { page: '/home/oldest', reply: await alice.open('/home/oldest'), trips: 0 };
    for (let i = 0; i < 4; i += 1) {
      mock.timers.tick(1000);
      await alice.open('/home/more');
    }
    mock.timers.tick(1000);
    const newest: Tab = { page: '/home/newest', reply: await alice.open('/home/newest'), trips: 0 };
    const exchanged = stage.op.counts.token;
    await comeBack(stage, alice, oldest);
    assert.equal(stage.op.counts.token, exchanged);
    assert.ok(isAtProvider(stage, oldest), 'its sign-in starts anew');
    await comeBack(stage, alice, newest);
    assertLanded([newest]);
    await comeBack(stage, alice, oldest);
    assertLanded([oldest]);
  });
});
