import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, copyOf, FLOW_COOKIE, NOON, SESSION_COOKIE, seenOf, unharmed } from '../support/besieged.ts';
import type { Posted } from '../support/fake-idp.ts';
import { CONTINUE, type SamlStage, startSamlStage, targetOf } from '../support/saml-stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

let stage: SamlStage;
let alice: Visitor;
before(async () => {
  mock.timers.enable({ apis: ['Date'], now: NOON });
  stage = await startSamlStage();
});
beforeEach(() => {
  stage.straighten();
  alice = stage.visitor();
});
after(async () => {
  await stage.stop();
  mock.timers.reset();
});

const flowsOf = ({ jar }: Visitor): number => [...jar.keys()].filter((name) => FLOW_COOKIE.test(name)).length;

/** Posts an answer as far as the address that the browser is sent to. */
async function handed(posted: Pick<Posted, 'form'>): Promise<string> {
  const reply = await stage.post(posted);
  assert.equal(reply.status, 303, reply.text);
  return targetOf(reply.location);
}

/** Whoever it was who tried: the one who left can still come back. */
async function assertFinishes(visitor: Visitor, posted: Posted, page: string): Promise<void> {
  const back = await visitor.open(await handed(posted));
  assert.deepEqual([back.status, back.location], [303, `${stage.origin}${page}`], back.text);
  assert.equal((await visitor.open(page)).status, 200);
}

const isSuccess = ({ setCookies }: Reply): boolean => setCookies.some((line) => /^stepgate-corp=[^;]/.test(line));

function assertOneSuccess(replies: readonly Reply[]): void {
  assert.equal(replies.filter(isSuccess).length, 1);
  for (const reply of replies.filter((one) => !isSuccess(one))) {
    assert.equal(reply.status, 400);
    assert.match(reply.text, /<dd>flow_replayed<\/dd>/);
  }
}

describe('one answer, more than once', () => {
  it('T074 twenty posts at once, and a browser that comes for all of them at once: one success', async () => {
    const posted = await stage.depart(alice, '/home');
    const posts = await Promise.all(Array.from({ length: 20 }, () => stage.post(posted)));
    const handles = posts.filter(({ status }) => status === 303).map(({ location }) => targetOf(location));
    assert.equal(new Set(handles).size, 10, 'each with a handle of its own, and no more than a few');
    assertOneSuccess(await Promise.all(handles.map((target) => copyOf(stage, alice).open(target))));
  });

  it('T074 one handle in twenty tabs at once: one success', async () => {
    const target = await handed(await stage.depart(alice, '/home'));
    assertOneSuccess(await Promise.all(Array.from({ length: 20 }, () => copyOf(stage, alice).open(target))));
  });

  it('T074 the same for a step-up: one new generation', async () => {
    await stage.signIn(alice);
    const target = await handed(await stage.depart(alice, '/admin/people'));
    const raised = stage.events('step_up').length;
    assertOneSuccess(await Promise.all(Array.from({ length: 20 }, () => copyOf(stage, alice).open(target))));
    assert.equal(stage.events('step_up').length, raised + 1);
  });

  it('T075 the post and its handle once more: to the front page, and the session stays', async () => {
    const posted = await stage.depart(alice, '/home/7');
    const target = await handed(posted);
    assert.equal((await alice.open(target)).location, `${stage.origin}/home/7`);
    await unharmed(stage, alice, async () => {
      for (const again of [target, await handed(posted)]) {
        const reply = await alice.open(again);
        assert.deepEqual([reply.status, reply.location], [303, `${stage.origin}/`]);
        assert.deepEqual(reply.setCookies, []);
      }
    });
  });

  it('T075 the same with the flow’s cookie kept from before: it is used', async () => {
    const posted = await stage.depart(alice, '/home');
    const thief = copyOf(stage, alice);
    const target = await handed(posted);
    await alice.open(target);
    for (const again of [target, await handed(posted)]) {
      assertEnded(stage, await copyOf(stage, thief).open(again), 400, 'flow_replayed');
    }
    assert.equal((await seenOf(stage, alice)).home, 200);
  });

  it('T075 an assertion that answered one request is no answer to another, whoever made both', async () => {
    const first = await stage.depart(alice, '/home/1');
    const second = await stage.depart(alice, '/home/2');
    const mixed = { form: { ...first.form, RelayState: second.form.RelayState } };
    assertEnded(stage, await alice.open(await handed(mixed)), 400, 'invalid_response');
    assert.equal(stage.events('step_up_failed').at(-1)?.detail, 'in_response_to');
    await assertFinishes(alice, first, '/home/1');
    await assertFinishes(alice, second, '/home/2');
  });
});

describe('an answer in a browser that did not ask for it', () => {
  let mallory: Visitor;
  let posted: Posted;
  beforeEach(async () => {
    mallory = stage.visitor();
    stage.idp.script.person = { nameId: 'mallory' };
    posted = await stage.depart(mallory, '/home/mallory');
    stage.straighten();
  });
  afterEach(async () => {
    // Nothing of it is used up: its owner can come for it still.
    await assertFinishes(mallory, posted, '/home/mallory');
  });

  it('T082 in one that was never here: nobody is signed in', async () => {
    const reply = await alice.open(await handed(posted));
    assertEnded(stage, reply, 400, 'cookies_disabled');
    assert.deepEqual([...alice.jar], []);
  });

  it('T082 in one that has a trip of its own under way: that one goes on', async () => {
    const own = await stage.depart(alice, '/home/alice');
    assertEnded(stage, await alice.open(await handed(posted)), 400, 'flow_expired');
    await assertFinishes(alice, own, '/home/alice');
  });

  it('T082 in one that has trips in every slot: none of them is taken for it', async () => {
    const own = await stage.depart(alice, '/home/alice');
    for (let i = 0; i < 4; i++) await alice.open('/home/more');
    assert.equal(flowsOf(alice), 5);
    assertEnded(stage, await alice.open(await handed(posted)), 400, 'flow_expired');
    assert.equal(flowsOf(alice), 5);
    await assertFinishes(alice, own, '/home/alice');
  });

  it('T082 in one where somebody else is signed in: they stay who they are (login CSRF)', async () => {
    await stage.signIn(alice);
    await unharmed(stage, alice, async () => {
      const reply = await alice.open(await handed(posted));
      assert.deepEqual([reply.status, reply.location, reply.setCookies], [303, `${stage.origin}/`, []]);
    });
    assert.equal((await alice.fetch('/.stepgate/session')).json().subject, 'alice');
  });

  it('T082 with the RelayState of the victim’s own trip: the answer is to another request', async () => {
    const own = await stage.depart(alice, '/home/alice');
    const mixed = { form: { ...posted.form, RelayState: own.form.RelayState } };
    assertEnded(stage, await alice.open(await handed(mixed)), 400, 'invalid_response');
    await assertFinishes(alice, own, '/home/alice');
  });

  it('T082 with the flow’s cookie of another browser under another name: nobody’s', async () => {
    for (const [name, value] of mallory.jar) {
      if (FLOW_COOKIE.test(name))
        alice.jar.set(
          name.replace(/\d$/, (slot) => String((Number(slot) + 1) % 5)),
          value,
        );
    }
    assertEnded(stage, await alice.open(await handed(posted)), 400, 'flow_expired');
  });
});

describe('an answer that nobody asked for', () => {
  const unsolicited = (xml: string): string => xml.replace(/ InResponseTo="[^"]*"/, '');

  /** Nothing is verified that does not come back by a trip of this browser. */
  const assertRefused = async (form: Posted['form'], detail: string): Promise<void> => {
    assertEnded(stage, await stage.post({ form }), 400, 'invalid_response');
    assert.equal(stage.events('step_up_failed').at(-1)?.detail, detail);
  };

  it('T083 signed, without InResponseTo, beside the RelayState of a trip: refused, and the trip goes on', async () => {
    const own = await stage.depart(alice, '/home');
    Object.assign(stage.idp.script, { beforeSigning: unsolicited, response: unsolicited });
    const forged = await stage.idp.visit((await stage.visitor().open('/home')).location ?? '');
    const form = { ...forged.form, RelayState: own.form.RelayState };
    await assertRefused(form, 'check failed: InResponseTo');
    await assertFinishes(alice, own, '/home');
  });

  it('T083 in answer to a request that was never made: whoever comes for it has no such trip', async () => {
    const own = await stage.depart(alice, '/home');
    const elsewhere = (xml: string): string => xml.replace(/ InResponseTo="[^"]*"/, ' InResponseTo="_made-up"');
    Object.assign(stage.idp.script, { beforeSigning: elsewhere, response: elsewhere });
    const forged = await stage.idp.visit((await stage.visitor().open('/home')).location ?? '');
    const form = { ...forged.form, RelayState: own.form.RelayState };
    assertEnded(stage, await alice.open(await handed({ form })), 400, 'invalid_response');
    await assertFinishes(alice, own, '/home');
  });

  it('T083 without a RelayState, or with one that is over: nothing is verified', async () => {
    const { form } = await stage.depart(alice, '/home');
    await assertRefused({ ...form, RelayState: '' }, 'relay_state_not_ours');
    mock.timers.tick(600_000);
    await assertRefused(form, 'relay_state_not_ours');
    const sent = await stage.post({ form: { SAMLResponse: form.SAMLResponse } as Posted['form'] });
    assertEnded(stage, sent, 400, 'invalid_response');
  });

  it('T084 with an address for a RelayState: nobody is sent there, and it is not shown', async () => {
    const { form } = await stage.depart(alice, '/home');
    for (const RelayState of [
      'https://evil.example/',
      '//evil.example',
      '/home',
      'javascript:alert(1)',
      '<img src=x>',
    ]) {
      const reply = await stage.post({ form: { ...form, RelayState } });
      assertEnded(stage, reply, 400, 'invalid_response');
      assert.doesNotMatch(reply.text + JSON.stringify(stage.lines), /evil\.example|alert\(1\)|<img/);
    }
  });

  it('T083 rubbish that names what is pending: refused, and what is pending stays so', async () => {
    const own = await stage.depart(alice, '/home');
    const id = / ID="([^"]+)"/.exec(own.request)?.[1];
    const head = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_x" Version="2.0" IssueInstant="2026-11-23T12:00:00Z" Destination="${own.acs}" InResponseTo="${id}"><saml:Issuer>${stage.idp.entityId}</saml:Issuer>`;
    const success =
      '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>';
    for (const rest of ['', success, `${success}<saml:Assertion ID="_y"/>`]) {
      const SAMLResponse = Buffer.from(`${head}${rest}</samlp:Response>`).toString('base64');
      const target = await handed({ form: { ...own.form, SAMLResponse } });
      assertEnded(stage, await alice.open(target), 400, 'invalid_response');
      assert.equal(flowsOf(alice), 1);
    }
    await assertFinishes(alice, own, '/home');
  });
});

describe('a handle', () => {
  it('T083 without the flow’s cookie is worth nothing, and is not used up by asking', async () => {
    const target = await handed(await stage.depart(alice, '/home'));
    for (let i = 0; i < 3; i++) assert.equal((await stage.visitor().open(target)).status, 400);
    assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
    assert.ok(alice.jar.has(SESSION_COOKIE));
  });

  it('T083 is worth nothing after a minute, though the trip itself could go on', async () => {
    const posted = await stage.depart(alice, '/home');
    const target = await handed(posted);
    mock.timers.tick(60_000);
    assertEnded(stage, await alice.open(target), 400, 'flow_expired');
    assert.equal(stage.events('step_up_failed').at(-1)?.detail, 'hand_over_gone');
    await assertFinishes(alice, posted, '/home');
  });

  it('T083 that is none: 400, and nothing happens', async () => {
    const posted = await stage.depart(alice, '/home');
    const target = await handed(posted);
    const odd = ['', '?h=', '?h=x', `?h=${'A'.repeat(22)}`, `?h=${'A'.repeat(4000)}`, `?h=${posted.form.RelayState}`];
    for (const query of [
      ...odd,
      `${new URL(target, stage.origin).search}&h=x`,
      '?h=..%2F..%2Fx',
      '?h=https://evil.example/',
    ]) {
      const reply = await alice.open(`${CONTINUE}${query}`);
      assert.equal(reply.status, 400, query);
      assert.equal(reply.location, null);
    }
    assert.equal(flowsOf(alice), 1);
    await assertFinishes(alice, posted, '/home');
  });

  it('T083 that holds a refusal: of no use altered, or in another browser', async () => {
    stage.idp.script.status = 'urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext';
    const target = await handed(await stage.depart(alice, '/home'));
    const sealed = new URL(target, stage.origin).searchParams.get('h') ?? '';
    assert.ok(sealed.length > 22 && sealed.length < 1000, `${sealed.length}`);
    assertEnded(stage, await stage.visitor().open(target), 400, 'cookies_disabled');
    for (const at of [0, 10, 100, sealed.length - 1]) {
      const altered = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      assertEnded(stage, await alice.open(`${CONTINUE}?h=${altered}`), 400, 'flow_expired');
    }
    assertEnded(stage, await alice.open(target), 403, 'level_not_met');
    assert.equal(flowsOf(alice), 0);
  });
});
