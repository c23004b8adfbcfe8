import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { cookieLines } from '../support/raw-http.ts';
import { askWebSocket } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

const POLICIES = `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
  - {name: mfa, label: Two-step verification, validity: 1h, message: Generic words.}
networks:
  here: ["127.0.0.0/8"]
  vpn: ["10.9.0.0/16"]
conditions:
  hr: '"hr" in user.groups'
  open: now.getHours("Europe/Zurich") >= 7 && now.getHours("Europe/Zurich") < 19
default: {require: password}
floors:
  - {id: outside, path: /vault/**, when: '!network.here', deny: true}
  - {id: payroll-hours, path: [/hours/**, /notes], when: '!open', deny: true}
  - {id: front-hours, path: /front, when: '!open', require: password}
apps:
  payroll:
    rules:
      - {id: front, path: /front, public: true, accept: public-under-floor, note: signed in after hours}
      - {id: plain, path: /plain, public: true}
      - {id: greets, path: /greets, public: known}
      - {id: hr, path: /hr/**, only: hr, require: mfa}
      - {id: hr-strict, path: /records/**, when: hr, require: mfa, message: {en: Records need two steps., de: Akten brauchen zwei Schritte.}}
      - {id: vpn, path: /vpn, only: network.vpn}
`;
/** 10:00 in Zurich, in winter. */
const MORNING = Date.parse('2027-01-13T09:00:00Z');
const EVENING = Date.parse('2027-01-13T19:00:00Z');

/** The acr values that a redirect asks the provider for. */
function askedFor({ location }: Reply): readonly string[] {
  const claims = JSON.parse(new URL(location ?? '').searchParams.get('claims') ?? '{}');
  return claims.id_token?.acr?.values ?? [];
}

describe('conditions, at the gate', () => {
  let stage: Stage;
  before(async () => {
    const provider = '    claims: {groups: groups}\n';
    stage = await startStage({ policies: POLICIES, provider });
  });
  after(() => stage.stop());
  afterEach(() => mock.timers.reset());

  const signedIn = async (groups: readonly string[], acr = 'pwd', now = Date.now()): Promise<Visitor> => {
    if (now !== Date.now()) mock.timers.enable({ apis: ['Date'], now });
    stage.op.script.person = { sub: 'alice', name: 'Alice', groups };
    stage.op.script.acr = acr;
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    return visitor;
  };

  it('refuse whom a rule is not for, before any second step is asked of them', async () => {
    const sales = await signedIn(['sales']);
    const before = stage.op.counts.authorize;
    const reply = await sales.open('/hr/x');
    assert.equal(reply.status, 403);
    assert.match(reply.text, /forbidden/);
    assert.equal(stage.op.counts.authorize, before);
    assert.equal(stage.events('deny').at(-1)?.detail, 'by=payroll/hr');
  });

  it('let whom it is for step up', async () => {
    const hr = await signedIn(['hr', 'staff']);
    const reply = await hr.open('/hr/x');
    assert.equal(reply.status, 303);
    assert.deepEqual(askedFor(reply), ['mfa']);
    stage.op.script.acr = 'mfa';
    await stage.passProvider(hr, reply);
    assert.equal((await hr.open('/hr/x')).status, 200);
  });

  it('ask an unknown person to sign in first, for no more than is demanded of everybody', async () => {
    stage.op.script.person = { sub: 'bob', groups: ['sales'] };
    stage.op.script.acr = 'pwd';
    const visitor = stage.visitor();
    const first = await visitor.open('/records/1');
    assert.equal(first.status, 303);
    assert.deepEqual(askedFor(first), ['pwd', 'mfa']);
    const back = await stage.passProvider(visitor, first);
    assert.equal(back.location, `${stage.origin}/records/1`);
    assert.equal((await visitor.open('/records/1')).status, 200, 'the rule is not about him');
    assert.deepEqual((await stage.visitor().fetch('/records/1')).json().why, 'no_session');
  });

  it("say a rule's own words where it is what asks", async () => {
    const hr = await signedIn(['hr']);
    const ask = (language: string) =>
      hr.send('/records/1', {
        method: 'POST',
        headers: {
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          'accept-language': language,
          'content-type': 'application/x-www-form-urlencoded',
        },
      });
    assert.match((await ask('en')).text, /Records need two steps\./);
    assert.match((await ask('de-CH, en;q=0.5')).text, /Akten brauchen zwei Schritte\./);

    const trip = await hr.open('/records/1');
    const failed = await stage.passProvider(hr, trip);
    assert.equal(failed.status, 403);
    assert.match(failed.text, /Records need two steps\./, 'and when it was not met');
  });

  it('close a network to everybody outside of it', async () => {
    const alice = await signedIn([]);
    assert.equal((await alice.open('/vault/x')).status, 200);
    assert.equal((await alice.open('/vpn')).status, 403);
  });

  it('follow the clock of the place they name', async () => {
    const alice = await signedIn([], 'pwd', MORNING);
    assert.equal((await alice.open('/hours/x')).status, 200);
    assert.equal((await stage.visitor().open('/front')).status, 200);
    mock.timers.setTime(EVENING);
    assert.equal((await alice.open('/hours/x')).status, 403);
    assert.equal(stage.events('deny').at(-1)?.detail, 'by=floor/payroll-hours');
    assert.equal((await stage.visitor().open('/front')).status, 303, 'what is public by day wants a sign-in');
  });

  it('end a WebSocket when its hours are over', async () => {
    const alice = await signedIn([], 'pwd', MORNING);
    const host = new URL(stage.origin).host;
    const { status, socket } = await askWebSocket(stage.port, '/notes', {
      host,
      origin: stage.origin,
      lines: cookieLines(alice.jar),
    });
    assert.equal(status, 101);
    stage.gateway.endLapsedTunnels();
    assert.equal(socket.destroyed, false);
    mock.timers.setTime(EVENING);
    const closed = once(socket, 'close');
    stage.gateway.endLapsedTunnels();
    await closed;
  });

  describe('public: known', () => {
    const identity = () => {
      const { headers } = stage.upstream.received.at(-1) ?? {};
      return headers?.['x-auth-subject'];
    };
    it('tells the application who is there, and asks nobody', async () => {
      assert.equal((await stage.visitor().open('/greets')).status, 200);
      assert.equal(identity(), undefined);
      const alice = await signedIn([]);
      assert.equal((await alice.open('/greets')).status, 200);
      assert.equal(identity(), 'alice');
      assert.equal((await alice.open('/plain')).status, 200);
      assert.equal(identity(), undefined, 'plain public does not');
    });

    it('and plain public tells nobody even where a floor asks who is there', async () => {
      const alice = await signedIn([], 'pwd', EVENING);
      stage.upstream.answer.headers = { 'cache-control': 'public, max-age=60' };
      const reply = await alice.open('/front');
      stage.upstream.answer.headers = {};
      assert.equal(reply.status, 200);
      assert.equal(identity(), undefined);
      assert.match(
        String(reply.headers['cache-control']),
        /private/,
        'what not everybody gets is kept for nobody else',
      );
    });

    it('keeps an answer about a person out of shared caches', async () => {
      stage.upstream.answer.headers = { 'cache-control': 'public, max-age=60' };
      const alice = await signedIn([]);
      assert.match(String((await alice.open('/greets')).headers['cache-control']), /private/);
      assert.doesNotMatch(String((await stage.visitor().open('/plain')).headers['cache-control']), /private/);
      stage.upstream.answer.headers = {};
    });

    it('is no activity: an idle person stays idle', async () => {
      const now = Date.parse('2027-01-13T12:00:00Z');
      const alice = await signedIn([], 'pwd', now);
      mock.timers.setTime(now + 30 * 60_000);
      assert.deepEqual((await alice.open('/greets')).setCookies, []);
      assert.equal((await alice.open('/home')).setCookies.length, 1);
    });
  });
});

describe('a ladder with branches', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      policies: `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h, above: [password]}
  - {name: x509, validity: 1h, above: [password]}
default: {require: password}
apps:
  payroll:
    rules:
      - {id: card, path: /card, require: x509}
      - {id: code, path: /code, require: mfa}
`,
      provider: '      x509: {acr: card}\n',
    });
  });
  after(() => stage.stop());

  it('wants each branch for itself, keeps both proofs, and tells the level that met the demand', async () => {
    stage.op.script.acr = 'mfa';
    const alice = stage.visitor();
    await stage.signIn(alice, '/code');
    const level = async (path: string) => {
      assert.equal((await alice.open(path)).status, 200);
      const { headers } = stage.upstream.received.at(-1) ?? {};
      return [headers?.['x-auth-level'], headers?.['x-auth-levels']];
    };
    assert.deepEqual(await level('/code'), ['mfa', 'password,mfa']);

    const trip = await alice.open('/card');
    assert.equal(trip.status, 303, 'a code is no card');
    assert.deepEqual(askedFor(trip), ['card']);
    stage.op.script.acr = 'card';
    await stage.passProvider(alice, trip);
    assert.deepEqual(await level('/card'), ['x509', 'password,mfa,x509']);
    assert.deepEqual(await level('/code'), ['mfa', 'password,mfa,x509'], 'the card is not on the branch of the code');
    assert.deepEqual(await level('/home'), ['x509', 'password,mfa,x509']);
  });
});
