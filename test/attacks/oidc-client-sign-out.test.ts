import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import {
  assertSignedOutPlainly,
  copyOf,
  NOON,
  postSignOut,
  signOutToken,
  startBentStage,
} from '../support/besieged.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

/** Where a page leads by itself, null where it does not. */
const leadsTo = (reply: Reply): string | null =>
  /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(reply.text)?.[1]?.replaceAll('&amp;', '&') ?? null;

describe('signing out at the provider as well', () => {
  let stage: BentStage;
  before(async () => {
    stage = await startBentStage({ provider: '    logout: provider', op: { script: { signsOut: true } } });
  });
  afterEach(() => stage.straighten());
  after(() => stage.stop());

  async function signedIn(): Promise<Visitor> {
    const alice = stage.visitor();
    await stage.signIn(alice);
    return alice;
  }

  /** Signs out by the page's own form; the page behind it is not opened yet. */
  async function signOut(visitor: Visitor): Promise<string> {
    const reply = await postSignOut(stage, visitor, await signOutToken(visitor));
    assert.equal(reply.status, 303);
    assert.ok(reply.location?.startsWith(`${stage.origin}/.stepgate/signed-out`), 'a form never ends at the provider');
    return (reply.location ?? '').slice(stage.origin.length);
  }

  it('leads on from a page of ours, by itself and by a link, with who and where to, and no ID token', async () => {
    stage.op.script.person = { ...stage.op.script.person, preferred_username: 'alice.example' };
    const alice = await signedIn();
    const question = await alice.open('/.stepgate/sign-out');
    assert.match(question.text, /taken to your sign-in service/);
    const page = await alice.open(await signOut(alice));
    assert.equal(page.status, 200);
    const url = new URL(leadsTo(page) ?? '');
    assert.equal(url.origin + url.pathname, `${stage.op.issuer}/end-session`);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      client_id: 'stepgate',
      post_logout_redirect_uri: `${stage.origin}/.stepgate/signed-out`,
      logout_hint: 'alice.example',
    });
    assert.ok(page.text.includes(`<a class="button" href="${url.href.replaceAll('&', '&amp;')}">`));
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.equal(page.headers['referrer-policy'], 'no-referrer');
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'/);
  });

  it('names the subject where the provider told no name', async () => {
    const alice = await signedIn();
    const page = await alice.open(await signOut(alice));
    assert.equal(new URL(leadsTo(page) ?? '').searchParams.get('logout_hint'), 'alice');
  });

  it('has ended the session here before anything else, and comes back to a page that leads nowhere', async () => {
    const alice = await signedIn();
    const thief = copyOf(stage, alice);
    await signOut(alice);
    assert.equal((await thief.fetch('/home')).status, 401);
    assertSignedOutPlainly(await alice.open('/.stepgate/signed-out'));
    assertSignedOutPlainly(await alice.open('/.stepgate/signed-out?state=x&t='));
  });

  it('leads on nobody but the browser that signed out, and only for a minute', async () => {
    const alice = await signedIn();
    const bob = await signedIn();
    const lure = await signOut(alice);
    assertSignedOutPlainly(await bob.open(lure));
    assertSignedOutPlainly(await stage.visitor().open(lure));
    mock.timers.tick(60_000);
    assertSignedOutPlainly(await alice.open(lure));
  });

  it('leads on nobody by a link from a browser that hid which one it is', async () => {
    const mallory = await signedIn();
    for (const name of mallory.jar.keys()) if (name.endsWith('-browser')) mallory.jar.delete(name);
    const lure = await signOut(mallory);
    assertSignedOutPlainly(await stage.visitor().open(lure));
  });

  it('takes no address from the query', async () => {
    const alice = await signedIn();
    const path = await signOut(alice);
    for (const query of ['&post_logout_redirect_uri=https://evil.example', '&t=x', '&url=https://evil.example']) {
      const page = await alice.open(`${path}${query}`);
      assert.doesNotMatch(page.text, /evil/);
    }
    for (const query of ['?t=https://evil.example', '?url=https://evil.example', '?t=a&t=b', '?t=%00']) {
      assertSignedOutPlainly(await alice.open(`/.stepgate/signed-out${query}`));
    }
  });

  it('ends here alone where the provider has no sign-out, or one that is not https', async () => {
    for (const end_session_endpoint of [undefined, 'http://id.example.com/out', 'javascript:alert(1)', 7]) {
      const other = await startBentStage({
        provider: '    logout: provider',
        op: { script: { metadata: (metadata) => ({ ...metadata, end_session_endpoint }) } },
      });
      const alice = other.visitor();
      await other.signIn(alice);
      const reply = await postSignOut(other, alice, await signOutToken(alice));
      assert.equal(reply.location, `${other.origin}/.stepgate/signed-out`);
      assert.ok(other.lines.some((line) => line.msg === 'provider_without_sign_out'));
      await other.stop();
    }
  });
});

describe('signing out where nothing else is configured', () => {
  it('ends here alone, though the provider offers a sign-out', async () => {
    const stage = await startBentStage({ op: { script: { signsOut: true } } });
    const alice = stage.visitor();
    await stage.signIn(alice);
    const reply = await postSignOut(stage, alice, await signOutToken(alice));
    assert.equal(reply.location, `${stage.origin}/.stepgate/signed-out`);
    await stage.stop();
  });
});
