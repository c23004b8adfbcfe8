import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { createGateway } from '../../src/gateway.ts';
import { createMemoryLedger } from '../../src/ledger/memory.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite.ts';
import type { Ledger } from '../../src/ports.ts';
import { assertEnded, copyOf, FLOW_COOKIE } from '../support/besieged.ts';
import { makePair, metadataOf, type Posted } from '../support/fake-idp.ts';
import { ACS, postedBy, type SamlStage, startSamlStage, targetOf } from '../support/saml-stage.ts';
import { POLICIES, type Rewritten } from '../support/stage.ts';
import { createVisitor, type Reply, type Sending, type Visitor } from '../support/visitor.ts';

const clock = { now: () => Math.floor(Date.now() / 1000) };
const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

const hasFlow = ({ jar }: Visitor): boolean => [...jar.keys()].some((name) => FLOW_COOKIE.test(name));

describe('a reload between the post and the browser that comes for it', () => {
  let stage: SamlStage;
  let alice: Visitor;
  let posted: Posted;
  let target: string;
  let metadata: string;
  before(async () => {
    const { key, certificate } = makePair('stepgate');
    stage = await startSamlStage({
      provider: '    sign: {key: own.key, cert: own.crt}\n    decrypt: {key: own.key, cert: own.crt}',
      files: { 'own.key': key, 'own.crt': certificate },
    });
    metadata = stage.idp.metadata;
  });
  beforeEach(async () => {
    stage.files['idp.xml'] = metadata;
    assert.ok(await stage.reload());
    alice = stage.visitor();
    posted = await stage.depart(alice, '/home');
    target = targetOf((await stage.post(posted)).location);
  });
  after(() => stage.stop());

  const edited =
    (from: string | RegExp, to: string): NonNullable<Rewritten['gateway']> =>
    (text) => {
      assert.notEqual(text.replace(from, to), text);
      return text.replace(from, to);
    };

  it('that changes nothing about the provider: the answer counts', async () => {
    assert.ok(await stage.reload({ gateway: edited('groups: ["*"]', 'groups: ["hr-*"]') }));
    assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
    assert.equal((await alice.open('/home')).status, 200);
  });

  it('that asks for more: the answer counts for what it proves, and the page asks for the rest', async () => {
    const policies = POLICIES.replace('default: {require: password}', 'default: {require: mfa}');
    assert.ok(await stage.reload({ policies }));
    const { reply, trips } = await stage.browse(alice, target);
    assert.deepEqual([reply.status, trips], [200, 1]);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password,mfa');
  });

  const another = makePair('another');
  const changes: readonly [what: string, rewritten: () => Rewritten][] = [
    ['who the provider is', () => metadataAs(`${stage.idp.entityId}/other`, stage.idp.pair.certificate)],
    ['by which key it signs', () => metadataAs(stage.idp.entityId, another.certificate)],
    ['who we are', () => ({ gateway: edited('urn:stepgate', 'urn:stepgate:other') })],
    ['which attribute the groups are in', () => ({ gateway: edited('groups: groups', 'groups: memberOf') })],
    ['what has to be signed', () => ({ provider: `${stage.provider}\n    signed: assertion` })],
  ];
  const metadataAs = (entityId: string, certificate: string): Rewritten => {
    stage.files['idp.xml'] = metadataOf(entityId, stage.idp.origin, [certificate]);
    return {};
  };
  for (const [what, rewritten] of changes) {
    it(`that changes ${what}: the answer was to another question, and the person is asked again, by a page`, async () => {
      assert.ok(await stage.reload(rewritten()));
      assertEnded(stage, await alice.open(target), 400, 'flow_expired');
      assert.equal(stage.events('step_up_failed').at(-1)?.detail, 'believed_otherwise');
      assert.equal((await alice.open('/home')).status, 303);
    });
  }

  it('is noticed by all that is believed: nothing of it is lost where it is written down to be compared', () => {
    const config = stage.world.providers.get('corp');
    assert.ok(config?.type === 'saml');
    const { evidence: _evidence, keepsGroup: _keepsGroup, namesGroup: _namesGroup, ...believed } = config;
    assert.deepEqual(JSON.parse(JSON.stringify(believed)), believed);
  });

  it('that takes the provider away: refused', async () => {
    const oidc = `  corp: {type: oidc, issuer: "${stage.op.issuer}", client_id: x, client_secret: secret-of-enough-letters-for-anybody, levels: {password: {acr: pwd}, mfa: {acr: mfa}}}\n`;
    assert.ok(await stage.reload({ gateway: edited(/ {2}corp:[\s\S]*?(?=\napps:)/, oidc) }));
    assertEnded(stage, await alice.open(target), 400, 'invalid_response');
    assert.equal((await stage.post(posted)).status, 404);
  });

  it('that takes the secret away: nothing of before opens any more', async () => {
    stage.env.SECRET = randomBytes(32).toString('base64');
    assert.ok(await stage.reload());
    assert.equal((await alice.open(target)).status, 400);
    assertEnded(stage, await stage.post(posted), 400, 'invalid_response');
  });
});

describe('a ledger that is away', () => {
  /** A ledger whose parts can be made to fail, and what it was given to park. */
  function failingLedger() {
    const away = new Set<keyof Ledger>();
    const parked: string[] = [];
    const real = createMemoryLedger({ clock, random });
    const check = (name: keyof Ledger): void => {
      if (away.has(name)) throw new Error('away');
    };
    const ledger: Ledger = {
      ...real,
      async park(key, text, expires) {
        check('park');
        parked.push(key, text);
        return !away.has('close') && real.park(key, text, expires);
      },
      async parked(key) {
        check('parked');
        return real.parked(key);
      },
      async useAllOnce(ids, expires) {
        check('useAllOnce');
        return real.useAllOnce(ids, expires);
      },
    };
    return { ledger, away, parked };
  }

  let stage: SamlStage;
  let parts: ReturnType<typeof failingLedger>;
  let alice: Visitor;
  let posted: Posted;
  before(async () => {
    parts = failingLedger();
    stage = await startSamlStage({ ledger: parts.ledger });
  });
  beforeEach(async () => {
    parts.away.clear();
    alice = stage.visitor();
    posted = await stage.depart(alice, '/home');
  });
  after(() => stage.stop());

  const unavailable = (status: number, text: string): void => {
    assert.equal(status, 503);
    assert.match(text, /<dd>ledger_unavailable<\/dd>/);
  };

  it('when there is something to park, or no room for it: 503, and the same post is good a moment later', async () => {
    for (const part of ['park', 'close'] as const) {
      parts.away.add(part);
      const reply = await stage.post(posted);
      unavailable(reply.status, reply.text);
      assert.equal(reply.headers['retry-after'], '5');
      parts.away.clear();
    }
    const { location } = await stage.post(posted);
    assert.equal((await alice.open(targetOf(location))).location, `${stage.origin}/home`);
  });

  for (const part of ['parked', 'useAllOnce'] as const) {
    it(`when somebody comes for it (${part}): 503, and to load the page again is enough`, async () => {
      const target = targetOf((await stage.post(posted)).location);
      parts.away.add(part);
      const reply = await alice.open(target);
      unavailable(reply.status, reply.text);
      assert.ok(hasFlow(alice));
      parts.away.clear();
      assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
    });
  }

  it('T083 is never given a name, nor any XML; and nothing of what was not verified', async () => {
    stage.idp.script.person = { nameId: 'alice', attributes: { cn: ['Alice Example'], groups: ['hr'] } };
    parts.parked.length = 0;
    await stage.post(posted);
    assert.equal(parts.parked.length, 2);
    const [key = '', text = ''] = parts.parked;
    assert.match(key, /^saml:[\w-]{22}$/);
    assert.match(text, /^[\w-]{200,4000}$/);
    assert.doesNotMatch(Buffer.from(text, 'base64url').toString('latin1'), /alice|example|<saml|assertion/i);
    parts.parked.length = 0;
    await stage.post({ form: { ...posted.form, SAMLResponse: 'AAAA' } });
    stage.idp.script.status = 'urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext';
    await stage.post(await stage.depart(alice, '/home'));
    assert.deepEqual(parts.parked, []);
  });
});

describe('two processes with one ledger', () => {
  async function start(t: TestContext) {
    const folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
    const file = join(folder, 'ledger.db');
    const [one, other] = [openSqliteLedger({ file, clock, random }), openSqliteLedger({ file, clock, random })];
    const stage = await startSamlStage({ ledger: one });
    const second = createGateway({ world: stage.world, ledger: other, clock, randomBytes, write: () => {} });
    const there = await second.listen({ host: '127.0.0.1', port: 0 });
    t.after(async () => {
      await second.close();
      await stage.stop();
      await Promise.all([one.close(), other.close()]);
      rmSync(folder, { recursive: true });
    });
    /** The same browser, led to the second process: it sees the same host and has the same cookies. */
    const elsewhere = (visitor: Visitor, target: string, sending: Sending = {}): Promise<Reply> => {
      const led = createVisitor(there);
      for (const [name, value] of visitor.jar) led.jar.set(name, value);
      return led.open(target, { ...sending, headers: { ...sending.headers, host: new URL(stage.origin).host } });
    };
    return { folder, stage, elsewhere };
  }

  it('one takes the post, the other the browser that comes for it, and it counts once among both', async (t) => {
    const { stage, elsewhere } = await start(t);
    const alice = stage.visitor();
    const posted = await stage.depart(alice, '/home');
    const body = new URLSearchParams(posted.form).toString();
    const headers = postedBy(stage.idp.origin);
    const handed = await elsewhere(stage.visitor(), ACS, { method: 'POST', headers, body });
    const target = targetOf(handed.location);
    const twice = copyOf(stage, alice);
    assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
    const again = await elsewhere(twice, target);
    assert.equal(again.status, 400);
    assert.match(again.text, /<dd>flow_replayed<\/dd>/);
    const bob = stage.visitor();
    const { location } = await stage.post(await stage.depart(bob, '/home'));
    assert.equal((await elsewhere(bob, targetOf(location))).location, `${stage.origin}/home`);
  });

  it('T083 the file of the ledger holds nobody’s name, and no XML', async (t) => {
    const { folder, stage } = await start(t);
    stage.idp.script.person = { nameId: 'wilhelmina', attributes: { cn: ['Wilhelmina'], groups: ['wonderers'] } };
    const alice = stage.visitor();
    await stage.signIn(alice);
    await stage.post(await stage.depart(alice, '/admin/people'));
    const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    const all = written.join('');
    assert.match(all, /saml:[\w-]{22}/, 'it is in there');
    assert.doesNotMatch(all, /wilhelmina|wonderers|<saml|Assertion ID|PasswordProtectedTransport/i);
  });
});
