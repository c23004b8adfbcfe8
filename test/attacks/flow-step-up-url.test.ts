import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import {
  browse,
  departAndAnswer,
  NOON,
  postSignOut,
  SESSION_COOKIE,
  signOutToken,
  startBentStage,
  stepUpUrl,
  targetOf,
  unharmed,
} from '../support/besieged.ts';
import { createVisitor, type Reply, type Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const twoOrigins = (text: string): string =>
  text.replace(/origins: \["http:\/\/127\.0\.0\.1:(\d+)"\]/, 'origins: ["http://127.0.0.1:$1", "http://localhost:$1"]');

/** Refused on a page: no trip, no cookie. */
function assertRefused(reply: Reply): void {
  assert.equal(reply.status, 400, String(reply.location));
  assert.match(reply.text, /<dd>invalid_token<\/dd>/);
  assert.equal(reply.location, null);
  assert.deepEqual(reply.setCookies, []);
}

describe('a step-up URL', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage({ gateway: twoOrigins });
  });
  beforeEach(async () => {
    stage.straighten();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  it('T037 altered anywhere is refused', async () => {
    const target = await stepUpUrl(alice);
    const start = target.indexOf('?t=') + 3;
    for (const at of [start, start + 1, start + 5, start + 9, start + 20, target.length - 20, target.length - 2]) {
      const other = target[at] === 'A' ? 'B' : 'A';
      assertRefused(await alice.open(target.slice(0, at) + other + target.slice(at + 1)));
    }
    for (const cut of [target.slice(0, -1), `${target}A`, `${target}.`, target.slice(0, start), `${target}%00`]) {
      assertRefused(await alice.open(cut));
    }
  });

  it('T037 is good for ten minutes', async () => {
    const target = await stepUpUrl(alice);
    mock.timers.tick(599_000);
    assert.equal((await alice.open(target)).status, 303);
    mock.timers.tick(1_000);
    assertRefused(await unharmed(stage, alice, () => alice.open(target)));
  });

  it('T037 of another origin is refused, though both are this app’s', async () => {
    const elsewhere = stage.origin.replace('127.0.0.1', 'localhost');
    const there = createVisitor(elsewhere);
    const redirect = await there.open('/home');
    await there.open(targetOf(await stage.op.visit(redirect.location ?? '')));
    assert.equal((await there.open('/home')).status, 200);
    assertRefused(await there.open(await stepUpUrl(alice)));
    assertRefused(await alice.open(await stepUpUrl(there)));
    assert.equal((await there.open(await stepUpUrl(there))).status, 303);
    // Nobody's, so that only the origin tells them apart.
    const nobody = await stepUpUrl(createVisitor(elsewhere));
    assertRefused(await stage.visitor().open(nobody));
    assert.equal((await createVisitor(elsewhere).open(nobody)).status, 303);
  });

  it('T037 of one person is refused to another, to nobody, and to the same person signed in anew', async () => {
    const target = await stepUpUrl(alice);
    stage.op.script.person = { sub: 'bob' };
    const bob = stage.visitor();
    await stage.signIn(bob);
    assertRefused(await unharmed(stage, bob, () => bob.open(target)));
    assertRefused(await stage.visitor().open(target));
    stage.straighten();
    await postSignOut(stage, alice, await signOutToken(alice));
    await stage.signIn(alice);
    assertRefused(await unharmed(stage, alice, () => alice.open(target)));
  });

  it('T037 that nobody was signed in for leads somebody signed in back to the page alone', async () => {
    const target = await stepUpUrl(stage.visitor(), `${stage.origin}/list`);
    const reply = await unharmed(stage, alice, () => alice.open(target));
    assert.equal(reply.location, `${stage.origin}/list`);
    assert.deepEqual(reply.setCookies, []);
  });

  it('that was opened and met asks for nothing the second time', async () => {
    const target = await stepUpUrl(alice, `${stage.origin}/list`);
    assert.equal((await browse(stage, alice, target)).reply.status, 200);
    const again = await alice.open(target);
    assert.equal(again.location, `${stage.origin}/list`);
    assert.deepEqual(again.setCookies, []);
  });

  it('twice in one request, or none, is refused', async () => {
    const target = await stepUpUrl(alice);
    const token = target.slice(target.indexOf('=') + 1);
    assertRefused(await alice.open(`${target}&t=${token}`));
    assertRefused(await alice.open(`${target}&%74=x`));
    assertRefused(await alice.open(target.replace('?t=', '?T=')));
    assertRefused(await alice.open('/.stepgate/step-up'));
  });

  it('takes nothing that was sealed for something else', async () => {
    const callback = new URL(await departAndAnswer(stage, alice, '/admin/people'), stage.origin);
    const flow = [...alice.jar].find(([name]) => name.includes('flow'))?.[1] ?? '';
    const others = [
      callback.searchParams.get('state') ?? '',
      await signOutToken(alice),
      alice.jar.get(SESSION_COOKIE) ?? '',
      alice.jar.get('stepgate-seen-corp') ?? '',
      flow,
    ];
    for (const other of others) {
      assert.notEqual(other, '');
      assertRefused(await alice.open(`/.stepgate/step-up?t=${other}`));
    }
    const token = (await stepUpUrl(alice)).split('=')[1] ?? '';
    callback.searchParams.set('state', token);
    assert.equal((await alice.open(targetOf(callback))).status, 400);
    assert.equal((await postSignOut(stage, alice, token)).status, 400);
  });
});
