import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { browse, departAndAnswer, NOON, startBentStage, stepUpUrl, targetOf } from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

describe('where a person is sent back to', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startBentStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

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

  it('T037 not even one on this origin', async () => {
    const here = NAMES.map((name) => `${name}=%2Fhome%2Felsewhere`).join('&');
    const bob = stage.visitor();
    const { reply } = await browse(stage, bob, `${await stepUpUrl(bob, `${stage.origin}/home/list`)}&${here}`);
    assert.equal(reply.status, 200);
    assert.equal(stage.upstream.received.at(-1)?.target, '/home/list');
  });

  it('T037 a Referer leads back to a page of this origin alone, and never to one of ours', async () => {
    const referers = [
      'https://evil.example/list',
      `${stage.origin}.evil.example/list`,
      `${stage.origin}@evil.example/list`,
      `http://${'e'.repeat(stage.origin.length - 'http://'.length)}/list`,
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
      const received = stage.upstream.received.length;
      const { reply } = await browse(stage, bob, await stepUpUrl(bob, referer));
      assert.equal(reply.status, 200, referer);
      assert.deepEqual(
        stage.upstream.received.slice(received).map(({ target }) => target),
        ['/'],
        referer,
      );
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
