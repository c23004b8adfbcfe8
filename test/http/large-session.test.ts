import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { LASTING_LIMIT, SENT_LIMIT } from '../../src/sessions/budget.ts';
import { assertEnded, browse, targetOf } from '../support/besieged.ts';
import { POLICIES, type Stage, startStage } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

/** As directories name groups. */
const guids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${n.toString(16).padStart(8, '0')}-4a36-4d06-9d5b-0a8f0e1c2d3e`);

const ALICE = { sub: 'alice', name: 'Alice Example', email: 'alice@example.com', email_verified: true };

/** A page whose address makes a flow as large as flows are. */
const pageOf = (n: number, path = '/home'): string => `${path}/${n}?${'q'.repeat(440)}`;

const headerOf = (visitor: Visitor): string => [...visitor.jar].map((pair) => pair.join('=')).join('; ');

/** @param groups - those that the app is told */
const start = (groups: string): Promise<Stage> =>
  startStage({
    provider: '    claims: {groups: memberOf}',
    gateway: (text) => text.replace('groups: ["*"]', `groups: ${groups}`),
  });

describe('a session that one cookie does not hold', () => {
  let stage: Stage;
  before(async () => {
    stage = await start('["*"]');
  });
  beforeEach(() => {
    stage.op.script.authTime = null;
    stage.op.script.person = { ...ALICE, memberOf: guids(100) };
  });
  after(() => stage.stop());

  it('comes in two, and the app is told all of a hundred groups', async () => {
    const alice = stage.visitor();
    assert.equal((await stage.signIn(alice)).status, 303);
    const names = ['stepgate-browser', 'stepgate-corp', 'stepgate-corp-1', 'stepgate-seen-corp'];
    assert.deepEqual([...alice.jar.keys()].toSorted(), names);
    assert.ok(headerOf(alice).length <= LASTING_LIMIT, `${headerOf(alice).length}`);
    assert.equal((await alice.open('/home')).status, 200);
    const told = stage.upstream.received.at(-1)?.headers ?? {};
    assert.deepEqual(String(told['x-auth-groups']).split(','), guids(100));
    assert.equal(told['x-auth-groups-omitted'], undefined);
    assert.equal(told.cookie, undefined);
    assert.equal((await alice.fetch('/.stepgate/session')).json().signed_in, true);
  });

  it('is raised by a step-up, as large as it is, and by others in tabs opened at once', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const tabs = await Promise.all(Array.from({ length: 8 }, (_, n) => alice.open(`/admin/${n}`)));
    assert.ok(headerOf(alice).length <= SENT_LIMIT, `${headerOf(alice).length}`);
    for (const [n, tab] of tabs.entries()) {
      const { reply } = await browse(stage, alice, targetOf(await stage.op.visit(tab.location ?? '')));
      assert.equal(reply.status, 200, `tab ${n}: ${reply.text}`);
      assert.equal(stage.upstream.received.at(-1)?.target, `/admin/${n}`);
      assert.ok(headerOf(alice).length <= SENT_LIMIT, `${headerOf(alice).length}`);
    }
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-level'], 'mfa');
  });

  it('makes room for itself where five tabs were under way, and each of those still arrives', async () => {
    const alice = stage.visitor();
    const tabs: Reply[] = [];
    for (let n = 0; n < 5; n++) tabs.push(await alice.open(`/home/${n}`));
    assert.equal([...alice.jar.keys()].filter((name) => name.includes('flow')).length, 5);
    for (const [n, tab] of tabs.entries()) {
      const { reply } = await browse(stage, alice, targetOf(await stage.op.visit(tab.location ?? '')));
      assert.equal(reply.status, 200, reply.text);
      assert.equal(stage.upstream.received.at(-1)?.target, `/home/${n}`);
      assert.ok(headerOf(alice).length <= SENT_LIMIT, `${headerOf(alice).length}`);
    }
  });

  it('makes room for itself and for the trip that follows at once', async () => {
    stage.op.script.authTime = Math.floor(Date.now() / 1000) - 1_000;
    // Several times, since the slots of flows are chosen by chance.
    for (let round = 0; round < 6; round++) {
      const alice = stage.visitor();
      for (let n = 0; n < 3; n++) await alice.open(pageOf(n));
      const fresh = await alice.open(pageOf(round, '/fresh'));
      const answer = targetOf(await stage.op.visit(fresh.location ?? ''));
      const next = await alice.open(answer);
      assert.equal(new URL(next.location ?? '').origin, stage.op.issuer);
      assert.equal([...alice.jar.keys()].filter((name) => name.includes('flow')).length, 1);
      assert.ok(headerOf(alice).length <= SENT_LIMIT, `${headerOf(alice).length}`);
      stage.op.script.authTime = null;
      const { reply } = await browse(stage, alice, targetOf(await stage.op.visit(next.location ?? '')));
      stage.op.script.authTime = Math.floor(Date.now() / 1000) - 1_000;
      assert.equal(reply.status, 200, reply.text);
      assert.equal(stage.upstream.received.at(-1)?.target, pageOf(round, '/fresh'));
    }
  });

  it('leaves no second half behind when the groups have become few', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.ok(alice.jar.has('stepgate-corp-1'));
    stage.op.script.person = { ...ALICE, memberOf: ['hr'] };
    assert.equal((await browse(stage, alice, '/admin')).reply.status, 200);
    assert.ok(!alice.jar.has('stepgate-corp-1'));
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-groups'], 'hr');
  });

  it('goes with the sign-out, both halves', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const asked = await alice.open('/.stepgate/sign-out');
    const token = /name="token" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
    await alice.open('/.stepgate/sign-out', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: stage.origin },
      body: `token=${encodeURIComponent(token)}`,
    });
    assert.deepEqual([...alice.jar.keys()], ['stepgate-browser']);
  });

  it('is told without any groups where not all fit, and says so to the app and in the audit log', async () => {
    stage.op.script.person = { ...ALICE, memberOf: guids(143) };
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal(stage.events('sign_in').at(-1)?.detail, 'groups_dropped=143');
    assert.ok(!alice.jar.has('stepgate-corp-1'));
    assert.equal((await alice.open('/home')).status, 200);
    const told = stage.upstream.received.at(-1)?.headers ?? {};
    assert.equal(told['x-auth-subject'], 'alice');
    assert.equal(told['x-auth-groups'], undefined);
    assert.equal(told['x-auth-groups-omitted'], 'true');
    // A step-up is told all of them anew, and says the same anew.
    assert.equal((await browse(stage, alice, '/admin')).reply.status, 200);
    assert.equal(stage.events('step_up').at(-1)?.detail, 'groups_dropped=143');
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-groups-omitted'], 'true');
  });

  it('cannot be said to be told in part by the client', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    await alice.open('/home', { headers: { 'x-auth-groups-omitted': 'true', X_Auth_Groups_Omitted: 'true' } });
    const told = stage.upstream.received.at(-1)?.headers ?? {};
    assert.deepEqual(
      Object.keys(told).filter((name) => /omitted/i.test(name)),
      [],
    );
  });
});

describe('where groups by the hundred do not fit', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      provider: '    claims: {groups: memberOf}',
      gateway: (text) =>
        `${text.replace('groups: ["*"]', 'groups: [hr, "payroll-*"]')}
  travel:
    origins: ${/origins: (.*)/.exec(text)?.[1]}
    path: /travel
    upstream: ${/upstream: (.*)/.exec(text)?.[1]}
    provider: corp
    groups: [hr, agents, guides]
`,
      policies: `${POLICIES}  travel: {}\n`,
    });
    const many = Array.from({ length: 400 }, (_, n) => `payroll-${String(n).padStart(20, '0')}`);
    stage.op.script.person = { ...ALICE, memberOf: ['hr', 'sales', ...many, 'agents'] };
  });
  after(() => stage.stop());

  it('an app that takes any of them by a pattern is told none, and one that names all it takes is told those', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal(stage.events('sign_in').at(-1)?.detail, 'groups_dropped=400');
    const told = async (target: string): Promise<unknown[]> => {
      assert.equal((await alice.open(target)).status, 200);
      const { headers } = stage.upstream.received.at(-1) ?? assert.fail();
      return [headers['x-auth-groups'], headers['x-auth-groups-omitted']];
    };
    assert.deepEqual(await told('/home'), [undefined, 'true']);
    assert.deepEqual(await told('/travel/home'), ['hr,agents', undefined]);
    assert.deepEqual(await told('/home'), [undefined, 'true']);
  });
});

describe('claims that no cookies hold', () => {
  const named = guids(200);
  let stage: Stage;
  before(async () => {
    stage = await start(JSON.stringify(named));
  });
  beforeEach(() => {
    stage.op.script.person = { ...ALICE };
  });
  after(() => stage.stop());

  const TABLE: readonly [string, string, Record<string, unknown>][] = [
    ['groups that are all named', 'memberOf', { memberOf: named }],
    ['a name', 'name', { name: 'Zo\u00eb '.repeat(1_200) }],
    ['an address', 'email', { email: `${'a'.repeat(6_000)}@example.com` }],
    ["the provider's session", 'sid', { sid: 's'.repeat(6_000) }],
  ];
  for (const [what, claim, more] of TABLE) {
    it(`end the sign-in on a page that names the claim: ${what}`, async () => {
      stage.op.script.person = { ...ALICE, ...more };
      const alice = stage.visitor();
      const reply = await stage.signIn(alice);
      assertEnded(stage, reply, 403, 'claims_too_large');
      assert.match(reply.text, new RegExp(`<dt>Claim</dt><dd>${claim}</dd>`));
      assert.equal(stage.events('step_up_failed').at(-1)?.detail, `claim=${claim}`);
      // The name of the claim, and nothing of what was in it.
      const value = String(more[claim]).slice(0, 30);
      assert.ok(!reply.text.includes(value) && !JSON.stringify(stage.lines).includes(value));
      assert.deepEqual([...alice.jar.keys()], ['stepgate-browser']);
      assert.equal((await alice.fetch('/home')).status, 401);
    });
  }

  it('end a step-up the same way, and the session from before stays as it was', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const kept = alice.jar.get('stepgate-corp');
    stage.op.script.person = { ...ALICE, name: 'x'.repeat(6_000) };
    assertEnded(stage, (await browse(stage, alice, '/admin')).reply, 403, 'claims_too_large');
    assert.equal(alice.jar.get('stepgate-corp'), kept);
    assert.equal((await alice.open('/home')).status, 200);
  });

  it('named groups that fit are told, though two cookies are needed', async () => {
    stage.op.script.person = { ...ALICE, memberOf: [...named.slice(0, 95), ...guids(300).slice(250)] };
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.ok(alice.jar.has('stepgate-corp-1'));
    await alice.open('/home');
    const told = stage.upstream.received.at(-1)?.headers ?? {};
    assert.deepEqual(String(told['x-auth-groups']).split(','), named.slice(0, 95));
    assert.equal(told['x-auth-groups-omitted'], undefined);
  });
});
