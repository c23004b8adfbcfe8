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
  targetOf,
  unharmed,
} from '../support/besieged.ts';
import { createVisitor, type Reply, type Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const twoOrigins = (text: string): string =>
  text.replace(/origins: \["http:\/\/127\.0\.0\.1:(\d+)"\]/, 'origins: ["http://127.0.0.1:$1", "http://localhost:$1"]');

/** The step-up URL that a fetch of `/admin` is told, as a request target. */
async function stepUpUrl(visitor: Visitor, referer?: string): Promise<string> {
  const reply = await visitor.fetch('/admin/people', { headers: referer === undefined ? {} : { referer } });
  assert.equal(reply.status, 401);
  return targetOf(String(reply.json().step_up_url));
}

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
    const there = createVisitor(stage.origin.replace('127.0.0.1', 'localhost'));
    const redirect = await there.open('/home');
    await there.open(targetOf(await stage.op.visit(redirect.location ?? '')));
    assert.equal((await there.open('/home')).status, 200);
    assertRefused(await there.open(await stepUpUrl(alice)));
    assertRefused(await alice.open(await stepUpUrl(there)));
    assert.equal((await there.open(await stepUpUrl(there))).status, 303);
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

describe('where a person is sent back to', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  const NAMES = [
    'return_to',
    'returnTo',
    'return',
    'rd',
    'next',
    'redirect_uri',
    'target_link_uri',
    'RelayState',
    'url',
  ];
  const evil = NAMES.map((name) => `${name}=https%3A%2F%2Fevil.example%2F`).join('&');

  it('T037 no endpoint takes a return URL', async () => {
    const stepUp = await stepUpUrl(alice);
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    const replies = [
      await alice.open(`${stepUp}&${evil}`),
      await alice.open(`${callback}&${evil}`),
      await alice.open(`${callback}&${evil}`),
      await alice.open(`/.stepgate/callback/corp?${evil}`),
      await alice.open(`/.stepgate/sign-out?${evil}`),
      await alice.open(`/.stepgate/signed-out?${evil}`),
      await stage.visitor().open(`/.stepgate/sign-out?${evil}`),
    ];
    for (const { location, text } of replies) {
      const redirectUri = new URL(location ?? 'about:blank').searchParams.get('redirect_uri') ?? '';
      assert.ok(location === null || [stage.origin, stage.op.issuer].includes(new URL(location).origin), `${location}`);
      assert.ok(redirectUri === '' || new URL(redirectUri).origin === stage.origin);
      assert.doesNotMatch(text, /evil/);
    }
    assert.equal(replies[1]?.location, `${stage.origin}/admin/people`);
  });

  it('T037 a Referer leads back to a page of this origin alone, and never to one of ours', async () => {
    const referers = [
      'https://evil.example/list',
      `${stage.origin}.evil.example/list`,
      `${stage.origin}@evil.example/list`,
      `${stage.origin}//evil.example/list`,
      `${stage.origin}/\\evil.example`,
      `${stage.origin}/.stepgate/sign-out`,
      `${stage.origin}/%2Estepgate/sign-out`,
      `${stage.origin}/a/..//evil.example`,
      `${stage.origin}/%09/evil.example`,
      `${stage.origin.replace('http:', 'https:')}/list`,
      'javascript:alert(1)',
      '',
    ];
    for (const referer of referers) {
      const bob = stage.visitor();
      const { reply } = await browse(stage, bob, await stepUpUrl(bob, referer));
      assert.equal(reply.status, 200, referer);
      assert.equal(stage.upstream.received.at(-1)?.target, '/', referer);
    }
  });

  it('a path that looks like another host comes back as a path of this one, or not at all', async () => {
    for (const page of ['//evil.example/x', '/\\evil.example', '/%5Cevil.example', '/%2F%2Fevil.example', '/.%2e//e']) {
      const reply = await stage.visitor().open(page);
      assert.equal(reply.status, 400, page);
      assert.equal(reply.location, null);
    }
    for (const page of [
      '/@evil.example',
      '/x:y@evil.example//'.slice(0, -1),
      '/home?u=//evil.example',
      '/home?https://e',
    ]) {
      const { reply } = await browse(stage, stage.visitor(), page);
      assert.equal(reply.status, 200, page);
      assert.equal(stage.upstream.received.at(-1)?.target, page);
    }
  });

  it('a return URL too long to carry loses its query, and the person still lands on the page', async () => {
    const visitor = stage.visitor();
    const { reply } = await browse(stage, visitor, `/home/a?q=${'x'.repeat(3000)}`);
    assert.equal(reply.status, 200);
    assert.equal(stage.upstream.received.at(-1)?.target, '/home/a');
  });

  it('the Host and X-Forwarded-Host of a stranger change no redirect', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
      'x-forwarded-proto': 'https',
    };
    const reply = await stage.visitor().open('/home', { headers });
    const request = new URL(reply.location ?? '');
    assert.equal(request.searchParams.get('redirect_uri'), `${stage.origin}/.stepgate/callback/corp`);
    const callback = targetOf(await stage.op.visit(request.href));
    assert.equal((await alice.open(callback, { headers })).location, `${stage.origin}/home`);
  });
});
