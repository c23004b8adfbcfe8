import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, FLOW_COOKIE, NOON, SESSION_COOKIE, stepUpUrl, unharmed } from '../support/besieged.ts';
import { MFA_CLASS, PASSWORD_CLASS, type SamlStage, startSamlStage, targetOf } from '../support/saml-stage.ts';
import { POLICIES } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const MINUTE = 60_000;
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';

/** As directories name groups. */
const guids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${n.toString(16).padStart(8, '0')}-4a36-4d06-9d5b-0a8f0e1c2d3e`);

const flowsOf = ({ jar }: Visitor): readonly string[] => [...jar.keys()].filter((name) => FLOW_COOKIE.test(name));

describe('a person who signs in over SAML', () => {
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

  const told = (name: string): unknown => stage.upstream.received.at(-1)?.headers[`x-auth-${name}`];
  const expiresIn = async (): Promise<unknown> => (await alice.fetch('/.stepgate/session')).json().expires_in_s;

  /** The provider says when its session ends. */
  const endsIn = (minutes: number): void => {
    const at = new Date(Date.now() + minutes * MINUTE).toISOString();
    stage.idp.script.beforeSigning = (xml) =>
      xml.replace('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${at}" `);
  };

  it('is told to the application by what the assertion says', async () => {
    const attributes = { mail: ['alice@example.com'], cn: ['Alice Åberg'], groups: ['hr', 'it'] };
    stage.idp.script.person = { nameId: 'alice', attributes };
    await stage.signIn(alice);
    assert.equal((await alice.open('/home')).status, 200);
    assert.deepEqual(['subject', 'name', 'groups', 'provider', 'level'].map(told), [
      'alice',
      'Alice %C3%85berg',
      'hr,it',
      'corp',
      'password',
    ]);
    assert.equal(told('acr'), encodeURI(PASSWORD_CLASS));
    assert.equal(told('amr'), undefined);
    await stage.browse(alice, '/admin/people');
    assert.equal(told('acr'), MFA_CLASS);
  });

  it('leaves with a reference of eighty characters, and comes back by two requests: one without, one with cookies', async () => {
    const redirect = await alice.open('/home?a=b');
    const sent = new URL(redirect.location ?? '');
    assert.equal(sent.origin, stage.idp.origin);
    assert.match(sent.searchParams.get('RelayState') ?? '', /^[\w-]{80}$/);
    assert.equal(flowsOf(alice).length, 1);
    const handed = await stage.post(await stage.idp.visit(sent.href));
    assert.equal(handed.status, 303);
    assert.deepEqual(handed.setCookies, [], 'of this browser nothing is known yet');
    assert.equal(handed.headers['cache-control'], 'no-store');
    assert.equal(handed.headers['referrer-policy'], 'no-referrer');
    assert.match(handed.location ?? '', new RegExp(`^${stage.origin}/\\.stepgate/saml/corp/continue\\?h=[\\w-]{22}$`));
    const back = await alice.open(targetOf(handed.location));
    assert.deepEqual([back.status, back.location], [303, `${stage.origin}/home?a=b`]);
    assert.deepEqual(flowsOf(alice), [], 'the flow is over');
    assert.ok(alice.jar.has(SESSION_COOKIE));
  });

  it('is signed out when the provider’s session ends, though ours would last longer', async () => {
    endsIn(30);
    await stage.signIn(alice);
    assert.equal(await expiresIn(), 30 * 60);
    mock.timers.tick(29 * MINUTE);
    assert.equal((await alice.fetch('/home')).status, 200);
    mock.timers.tick(MINUTE);
    assert.equal((await alice.fetch('/home')).status, 401);
  });

  it('is signed in no longer for a provider whose session lasts longer than ours', async () => {
    endsIn(48 * 60);
    await stage.signIn(alice);
    assert.equal(await expiresIn(), 12 * 3600);
  });

  it('a step-up may shorten the session by what the provider says, and never lengthens it', async () => {
    const after = async (minutes: number): Promise<unknown> => {
      mock.timers.tick(minutes * MINUTE);
      assert.equal((await stage.browse(alice, '/fresh/1')).trips, 1);
      return expiresIn();
    };
    endsIn(120);
    await stage.signIn(alice);
    endsIn(48 * 60);
    assert.equal(await after(3), 117 * 60);
    stage.straighten();
    assert.equal(await after(3), 114 * 60, 'where it does not say, the end stays where it is');
    endsIn(10);
    assert.equal(await after(3), 7 * 60);
  });

  it('follows the link of a 401, and comes back to the page that it was for', async () => {
    await stage.signIn(alice);
    const link = await stepUpUrl(alice, `${stage.origin}/home?a=b`);
    const { reply, trips } = await stage.browse(alice, link);
    assert.deepEqual([reply.status, trips], [200, 1]);
    assert.equal(stage.upstream.received.at(-1)?.target, '/home?a=b');
    assert.equal(told('levels'), 'password,mfa');
  });

  const statuses: readonly [status: string, http: number, failure: string][] = [
    [`${STATUS}NoAuthnContext`, 403, 'level_not_met'],
    [`${STATUS}AuthnFailed`, 403, 'access_denied'],
    [`${STATUS}RequestDenied`, 403, 'access_denied'],
    [`${STATUS}NoPassive`, 403, 'provider_error'],
    [`${STATUS}UnknownPrincipal`, 403, 'provider_error'],
    [`${STATUS}RequestUnsupported`, 403, 'provider_error'],
    ['urn:example:&lt;img src=x onerror=alert(1)&gt;', 403, 'provider_error'],
  ];
  for (const [status, http, failure] of statuses) {
    for (const response of [true, false]) {
      it(`the ${response ? 'signed' : 'unsigned'} status ${status}: ${failure}, once, and the session is what it was`, async () => {
        await stage.signIn(alice);
        stage.idp.script.status = status;
        stage.idp.script.signs = { response, assertion: true };
        const { reply, trips } = await unharmed(stage, alice, () => stage.browse(alice, '/admin/people'));
        assertEnded(stage, reply, http, failure);
        assert.equal(trips, 1);
        assert.deepEqual(flowsOf(alice), []);
        assert.doesNotMatch(reply.text + JSON.stringify(stage.lines), /onerror/);
        const event = stage.events('step_up_failed').at(-1);
        assert.deepEqual([event?.app, event?.provider], ['payroll', 'corp']);
      });
    }
  }

  it('has more groups than fit, by a pattern: signs in without those, and the application is told so', async () => {
    // What is parked has a limit of its own, far over what fits into cookies.
    for (const count of [200, 600]) {
      stage.idp.script.person = { nameId: 'alice', attributes: { groups: guids(count) } };
      const visitor = stage.visitor();
      assert.equal((await stage.browse(visitor, '/home')).reply.status, 200, `${count}`);
      assert.deepEqual([told('subject'), told('groups'), told('groups-omitted')], ['alice', undefined, 'true']);
    }
  });

  for (const letters of [7_000, 50_000]) {
    it(`has a name of ${letters} letters: claims_too_large, with the attribute’s name`, async () => {
      stage.idp.script.person = { nameId: 'alice', attributes: { cn: ['x'.repeat(letters)] } };
      const { reply, trips } = await stage.browse(alice, '/home');
      assertEnded(stage, reply, 403, 'claims_too_large');
      assert.equal(trips, 1);
      assert.equal(stage.events('step_up_failed').at(-1)?.detail, 'claim=cn');
      assert.match(reply.text, /cn/);
      assert.ok(!alice.jar.has(SESSION_COOKIE));
    });
  }
});

describe('limits and outages over SAML', () => {
  before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
  after(() => mock.timers.reset());

  it('a lost trip of somebody who may not even see the front page ends on a page', async () => {
    const policies = POLICIES.replace('{id: front, path: /, public: true}', '{id: front, path: /, require: mfa}');
    const stage = await startSamlStage({ policies });
    const alice = stage.visitor();
    const posted = await stage.depart(stage.visitor(), '/home');
    await stage.signIn(alice);
    const handed = await stage.post(posted);
    const reply = await unharmed(stage, alice, () => alice.open(targetOf(handed.location)));
    assertEnded(stage, reply, 400, 'flow_expired');
    await stage.stop();
  });

  it('too many trips of one person in a short time: too_many_attempts, and later they may again', async () => {
    const stage = await startSamlStage({ gateway: (text) => text.replace(/^attempts:.*\n/m, '') });
    const alice = stage.visitor();
    await stage.signIn(alice);
    for (let i = 0; i < 10; i++) assert.equal((await alice.open('/admin/x')).status, 303);
    const refused = await alice.open('/admin/x');
    assert.equal(refused.status, 403);
    assert.match(refused.text, /<dd>too_many_attempts<\/dd>/);
    assert.equal(refused.headers['retry-after'], '600');
    mock.timers.tick(10 * MINUTE);
    assert.equal((await stage.browse(alice, '/admin/x')).reply.status, 200);
    await stage.stop();
  });

  it('five failures in a short time end it too', async () => {
    const stage = await startSamlStage({ gateway: (text) => text.replace(/^attempts:.*\n/m, '') });
    const alice = stage.visitor();
    await stage.signIn(alice);
    stage.idp.script.status = `${STATUS}NoAuthnContext`;
    for (let i = 0; i < 5; i++) assertEnded(stage, (await stage.browse(alice, '/admin/x')).reply, 403, 'level_not_met');
    assert.match((await alice.open('/admin/x')).text, /<dd>too_many_attempts<\/dd>/);
    await stage.stop();
  });

  it('a provider whose metadata are not to be had: 503 with Retry-After, and who is signed in stays so', async () => {
    const stage = await startSamlStage();
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.ok(await stage.reload({ gateway: (text) => text.replace('idp.xml', 'http://127.0.0.1:9/metadata') }));
    const reply = await unharmed(stage, alice, () => alice.open('/admin/people'));
    assertEnded(stage, reply, 503, 'provider_unavailable');
    assert.equal(reply.headers['retry-after'], '5');
    assert.deepEqual(flowsOf(alice), []);
    await stage.stop();
  });
});
