import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, departAndAnswer, NOON, reached, startBentStage, unharmed } from '../support/besieged.ts';
import type { Visitor } from '../support/visitor.ts';

type BentStage = Awaited<ReturnType<typeof startBentStage>>;

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

describe('a callback whose parameters are not the answer to this trip', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  beforeEach(() => stage.straighten());
  after(() => stage.stop());

  const altered: readonly [string, (query: URLSearchParams, issuer: string) => unknown][] = [
    ['T031 the iss of another provider', (query) => query.set('iss', 'https://evil.example')],
    ['T031 our iss in another spelling', (query, issuer) => query.set('iss', `${issuer}/`)],
    ['T032 no iss where the provider announces one', (query) => query.delete('iss')],
    ['T032 an empty iss', (query) => query.set('iss', '')],
    ['T047 the state twice', (query) => query.append('state', query.get('state') ?? '')],
    ['T047 a second state of somebody else', (query) => query.append('state', 'x')],
    ['T047 the code twice', (query) => query.append('code', query.get('code') ?? '')],
    ['T047 another code first', (query) => query.set('code', 'x') ?? query.append('code', 'y')],
    ['T047 the iss twice', (query, issuer) => query.append('iss', issuer)],
    ['T047 any parameter twice', (query) => ['1', '2'].map((value) => query.append('x', value))],
    ['no state', (query) => query.delete('state')],
    ['an empty state', (query) => query.set('state', '')],
    ['a state of 4,000 letters', (query) => query.set('state', 'A'.repeat(4000))],
    ['no code', (query) => query.delete('code')],
    ['an empty code', (query) => query.set('code', '')],
    ['a code and an error', (query) => query.set('error', 'access_denied')],
    ['an ID token of its own', (query) => query.set('id_token', 'a.b.c')],
    ['an access token', (query) => query.set('access_token', 'a')],
    ['a whole answer in one', (query) => query.set('response', 'a.b.c')],
  ];
  for (const [what, alter] of altered) {
    it(`${what}: 400, no code is exchanged, the session stays as it was`, async () => {
      const callback = new URL(await departAndAnswer(stage, alice, '/admin/people'), stage.origin);
      alter(callback.searchParams, stage.op.issuer);
      const exchanged = stage.op.counts.token;
      const reply = await unharmed(stage, alice, () => alice.open(`${callback.pathname}${callback.search}`));
      assertEnded(stage, reply, 400, 'invalid_response');
      assert.equal(stage.op.counts.token, exchanged);
    });
  }

  it('T047 the state twice, once with its name escaped', async () => {
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    const state = new URL(callback, stage.origin).searchParams.get('state');
    const reply = await unharmed(stage, alice, () => alice.open(`${callback}&%73tate=${state}`));
    assertEnded(stage, reply, 400, 'invalid_response');
  });

  it('T025 a code of another trip fails at the provider for its PKCE, and the session stays as it was', async () => {
    const mallory = stage.visitor();
    const stolen = new URL(await departAndAnswer(stage, mallory, '/admin/people'), stage.origin);
    const callback = new URL(await departAndAnswer(stage, alice, '/admin/people'), stage.origin);
    callback.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    const exchanged = stage.op.counts.token;
    const reply = await unharmed(stage, alice, () => alice.open(`${callback.pathname}${callback.search}`));
    assertEnded(stage, reply, 400, 'invalid_response');
    assert.equal(stage.op.counts.token, exchanged + 1);
  });

  it('T025 also the code of another trip of the same browser', async () => {
    const one = new URL(await departAndAnswer(stage, alice, '/admin/1'), stage.origin);
    const two = new URL(await departAndAnswer(stage, alice, '/admin/2'), stage.origin);
    two.searchParams.set('code', one.searchParams.get('code') ?? '');
    const reply = await unharmed(stage, alice, () => alice.open(`${two.pathname}${two.search}`));
    assertEnded(stage, reply, 400, 'invalid_response');
  });

  it('a state of which one bit is another is nobody’s', async () => {
    const callback = new URL(await departAndAnswer(stage, alice, '/admin/people'), stage.origin);
    const state = callback.searchParams.get('state') ?? '';
    for (const at of [0, 1, 6, Math.floor(state.length / 2), state.length - 2]) {
      const other = state[at] === 'A' ? 'B' : 'A';
      callback.searchParams.set('state', state.slice(0, at) + other + state.slice(at + 1));
      const reply = await unharmed(stage, alice, () => alice.open(`${callback.pathname}${callback.search}`));
      assertEnded(stage, reply, 400, 'invalid_response');
    }
  });

  it('the answer opened at the callback of a provider that was not asked is refused', async () => {
    const exchanged = stage.op.counts.token;
    for (const name of ['partner', '__proto__', 'constructor', 'CORP', 'corp%00']) {
      const callback = await departAndAnswer(stage, alice, '/admin/people');
      const reply = await unharmed(stage, alice, () => alice.open(callback.replace('/corp', `/${name}`)));
      assert.equal(reply.status, 400, name);
    }
    assert.equal(stage.op.counts.token, exchanged);
  });

  it('a callback is a GET and nothing else', async () => {
    const callback = await departAndAnswer(stage, alice, '/admin/people');
    for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE']) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' };
      const reply = await unharmed(stage, alice, () => alice.open(callback, { method, headers }));
      assert.equal(reply.status, 404, method);
    }
    assert.equal((await alice.open(callback)).status, 303);
  });
});

describe('an error that the provider answers with', () => {
  let stage: BentStage;
  let alice: Visitor;
  before(async () => {
    stage = await startBentStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  beforeEach(() => stage.straighten());
  after(() => stage.stop());

  const errors: readonly [string, number, string][] = [
    ['unmet_authentication_requirements', 403, 'level_not_met'],
    ['access_denied', 403, 'access_denied'],
    ['login_required', 403, 'provider_error'],
    ['interaction_required', 403, 'provider_error'],
    ['consent_required', 403, 'provider_error'],
    ['server_error', 403, 'provider_error'],
    ['temporarily_unavailable', 503, 'provider_unavailable'],
    ['no_such_error', 403, 'provider_error'],
    ['<script>alert(1)</script>', 403, 'provider_error'],
  ];
  for (const [error, status, failure] of errors) {
    it(`T033 ${error}: a page, no further trip, the flow is over, the session stays as it was`, async () => {
      stage.op.script.error = error;
      const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
      assertEnded(stage, reply, status, failure);
      assert.equal(trips, 1);
      assert.equal([...alice.jar.keys()].filter((name) => name.includes('flow')).length, 0);
      assert.doesNotMatch(reply.text, /<script/);
      assert.equal(reached(stage, '/admin'), 0);
    });
  }

  it('T035 error_description and error_uri are not shown and not logged', async () => {
    stage.op.script.error = 'access_denied';
    stage.op.script.answer = (query) => {
      query.set('error_description', '<img src=x onerror=alert(1)>');
      query.set('error_uri', 'javascript:alert(2)');
      return query;
    };
    const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
    assertEnded(stage, reply, 403, 'access_denied');
    assert.doesNotMatch(reply.text, /onerror|alert/);
    assert.doesNotMatch(JSON.stringify(stage.lines), /onerror|alert/);
  });

  it('T035 what the address of the page brought along is escaped in the link back to it', async () => {
    stage.op.script.error = 'access_denied';
    const { reply } = await browse(stage, alice, `/admin/p?q="><img/src=x/onerror=alert(1)>&r='`);
    assertEnded(stage, reply, 403, 'access_denied');
    assert.doesNotMatch(reply.text, /<img/);
    assert.match(reply.text, /href="\/admin\/p\?q=&quot;&gt;&lt;img/);
  });

  it('an error without a state of ours signs nobody out', async () => {
    for (const query of ['error=access_denied', 'error=server_error&state=x', '', 'state=']) {
      const reply = await unharmed(stage, alice, () => alice.open(`/.stepgate/callback/corp?${query}`));
      assertEnded(stage, reply, 400, 'invalid_response');
      assert.deepEqual(reply.setCookies, []);
    }
  });
});

describe('a provider that is away', () => {
  let stage: BentStage;
  let alice: Visitor;
  beforeEach(async () => {
    stage = await startBentStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  afterEach(() => stage.stop());

  it('T048 no keys: 503 with Retry-After, the session stays as it was, and all is well when they are back', async () => {
    mock.timers.tick(301_000);
    await stage.op.rotateKeys();
    for (const jwks of [{ status: 503 }, { status: 404 }, 'cut', { status: 200, body: 'no keys' }] as const) {
      stage.op.script.jwks = jwks;
      mock.timers.tick(10_000);
      const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
      assertEnded(stage, reply, 503, 'provider_unavailable');
      assert.equal(reply.headers['retry-after'], '5');
      assert.equal(trips, 1);
    }
    stage.straighten();
    mock.timers.tick(10_000);
    assert.equal((await browse(stage, alice, '/admin/people')).reply.status, 200);
  });

  it('T048 no token endpoint: 503, the session stays as it was', async () => {
    for (const token of ['cut', { status: 500 }, { status: 429 }] as const) {
      stage.op.script.token = token;
      const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
      assertEnded(stage, reply, 503, 'provider_unavailable');
    }
  });

  it('T048 a flood of unknown key ids asks for the keys once in 30 s', async () => {
    mock.timers.tick(301_000);
    const fetched = stage.op.counts.jwks;
    let kid = 0;
    stage.op.script.header = (header) => {
      kid += 1;
      return { ...header, kid: `unknown-${kid}` };
    };
    const flood = async () => {
      const visitors = Array.from({ length: 15 }, () => stage.visitor());
      await Promise.all(visitors.map((visitor) => browse(stage, visitor, '/home')));
      for (let i = 0; i < 5; i += 1) await browse(stage, stage.visitor(), '/home');
    };
    await flood();
    assert.equal(kid, 20);
    assert.ok(stage.op.counts.jwks - fetched <= 1, `${stage.op.counts.jwks - fetched} fetches`);
    mock.timers.tick(301_000);
    await flood();
    assert.ok(stage.op.counts.jwks - fetched <= 2, `${stage.op.counts.jwks - fetched} fetches`);
  });
});
