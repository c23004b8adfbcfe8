import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { copyOf, NOON } from '../support/besieged.ts';
import { type FakeIdp, makePair, startFakeIdp } from '../support/fake-idp.ts';
import {
  assertRefused,
  bothWays,
  formOf,
  isSignedIn,
  type LogoutStage,
  logoutRequest,
  logoutResponse,
  type Message,
  readQuery,
  SLO,
  saysOf,
  signedForm,
  signedQuery,
  startLogoutStage,
} from '../support/saml-logout.ts';
import { PASSWORD_CLASS, targetOf } from '../support/saml-stage.ts';
import { POLICIES } from '../support/stage.ts';
import { createVisitor, type Reply, type Visitor } from '../support/visitor.ts';

before(() => mock.timers.enable({ apis: ['Date'], now: NOON }));
after(() => mock.timers.reset());

const UNKNOWN = /may still remember you/;
const EVERYWHERE = /has signed you out as well\./;

describe('an answer to a sign-out', () => {
  let stage: LogoutStage;
  let alice: Visitor;
  let asked: ReturnType<typeof readQuery>;
  before(async () => {
    stage = await startLogoutStage();
  });
  beforeEach(async () => {
    mock.timers.tick(1000);
    alice = stage.visitor();
    await stage.signIn(alice);
    asked = readQuery(await stage.leave(alice), stage.sp);
  });
  after(() => stage.stop());

  const signedBoth = (message: Message) => bothWays(message, stage.idp.pair);

  /** Ends on the page that Alice has seen already, which promises nothing. */
  async function promisesNothing(reply: Reply, what: string, visitor = alice): Promise<void> {
    assert.equal(reply.status, 303, `${what}: ${reply.text}`);
    assert.ok(reply.location?.startsWith(`${stage.origin}/.stepgate/signed-out?a=`), what);
    assert.match(saysOf(await visitor.open(targetOf(reply.location))), UNKNOWN, what);
  }
  const refused = (reply: Reply, what: string): void => assertRefused(stage, reply, what);

  it('T083 that nobody asked for is refused, however well it is signed', async () => {
    for (const relayState of [undefined, '', 'x', asked.relayState?.replace(/^.{8}/, 'AAAAAAAA') ?? '']) {
      const to = { id: asked.id, relayState: relayState ?? null };
      for (const sent of signedBoth(logoutResponse(stage, to))) refused(await stage.send(sent), String(relayState));
    }
  });

  it('T084 with a RelayState that is an address leads nowhere', async () => {
    for (const relayState of ['https://evil.example/', '//evil.example', '/.stepgate/sign-out']) {
      const answer = logoutResponse(stage, { id: asked.id, relayState });
      for (const sent of signedBoth(answer)) refused(await stage.send(sent), relayState);
    }
  });

  it('T082 in another browser says nothing, and so does one to a request of another browser', async () => {
    const answer = logoutResponse(stage, asked);
    const reply = await stage.send(signedQuery(answer, stage.idp.pair));
    const bob = stage.visitor();
    await stage.signIn(bob);
    await promisesNothing(reply, 'another browser', bob);
    assert.match(saysOf(await alice.open(targetOf(reply.location))), EVERYWHERE);

    mock.timers.tick(1000);
    await stage.signIn(bob);
    const his = readQuery(await stage.leave(bob), stage.sp);
    for (const mixed of [
      { id: his.id, relayState: asked.relayState },
      { id: asked.id, relayState: his.relayState },
      { id: '_guessed', relayState: asked.relayState },
    ]) {
      const [query = ''] = signedBoth(logoutResponse(stage, mixed));
      await promisesNothing(await stage.send(query), JSON.stringify(mixed));
    }
  });

  it('that is not signed by the provider, or not for us, or not fresh, promises nothing', async () => {
    const mallory = makePair('mallory');
    const good = logoutResponse(stage, asked);
    await promisesNothing(await stage.send(formOf(good)), 'no signature');
    await promisesNothing(await stage.send(signedForm(good, mallory)), 'another key');
    await promisesNothing(await stage.send(signedQuery(good, mallory)), 'another key');
    const [unsigned = ''] = signedQuery(good, mallory).split('&SigAlg');
    await promisesNothing(await stage.send(unsigned), 'no signature in a query');
    for (const wanted of [
      { head: { Destination: null } },
      { head: { Destination: `${stage.origin}${SLO}x` } },
      { head: { InResponseTo: null } },
      { head: { IssueInstant: new Date(Date.now() - 361_000).toISOString() } },
      { head: { IssueInstant: new Date(Date.now() + 61_000).toISOString() } },
      { issuer: 'https://another.example/idp' },
      { status: [] },
      { status: ['urn:oasis:names:tc:SAML:2.0:status:Requester', 'urn:oasis:names:tc:SAML:2.0:status:Success'] },
    ]) {
      for (const sent of signedBoth(logoutResponse(stage, asked, wanted))) {
        await promisesNothing(await stage.send(sent), JSON.stringify(wanted));
      }
    }
    await promisesNothing(
      await stage.send(
        signedQuery(
          { ...logoutRequest(stage), type: 'SAMLResponse', relayState: asked.relayState ?? '' },
          stage.idp.pair,
        ),
      ),
      'a request as an answer',
    );
  });

  it('that comes too late, or is looked at too late, promises nothing', async () => {
    const [query = ''] = signedBoth(logoutResponse(stage, asked));
    const reply = await stage.send(query);
    mock.timers.tick(61_000);
    await promisesNothing(reply, 'looked at after a minute');
    mock.timers.tick(600_000);
    const [late = ''] = signedBoth(logoutResponse(stage, asked));
    refused(await stage.send(late), 'after ten minutes');
  });

  it('that is altered on its way from one of our pages to the next promises nothing', async () => {
    const [query = ''] = signedBoth(logoutResponse(stage, asked));
    const target = targetOf((await stage.send(query)).location);
    for (const bent of [
      `${target}A`,
      `${target}&${target.split('?')[1]}`,
      target.replace('?a=', '?a=A'),
      '/.stepgate/signed-out?a=',
    ]) {
      assert.match(saysOf(await alice.open(bent)), UNKNOWN, bent);
    }
    const copy = copyOf(stage, alice);
    for (const name of copy.jar.keys()) copy.jar.set(name, 'x');
    assert.match(saysOf(await copy.open(target)), UNKNOWN);
  });

  it('signs nobody out, and nobody in', async () => {
    const bob = stage.visitor();
    mock.timers.tick(1000);
    await stage.signIn(bob);
    for (const sent of signedBoth(logoutResponse(stage, asked))) await stage.send(sent);
    assert.deepEqual([await isSignedIn(bob), await isSignedIn(alice)], [true, false]);
  });
});

describe('a provider that is not the only one', () => {
  let stage: LogoutStage;
  let other: FakeIdp;
  before(async () => {
    other = await startFakeIdp();
    stage = await startLogoutStage({
      files: { 'other.xml': other.metadata },
      policies: `${POLICIES}  wiki: {}\n`,
      gateway: withWiki,
    });
  });
  after(async () => {
    await stage?.stop();
    await other.stop();
  });

  it('signs out nobody of another one, by no address, key or name of it', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const elsewhere = stage.origin.replace('127.0.0.1', 'localhost');
    const corp = [stage.origin, SLO] as const;
    const wiki = [elsewhere, SLO.replace('corp', 'other')] as const;
    for (const issuer of [stage.idp.entityId, other.entityId]) {
      for (const named of [corp, wiki]) {
        const head = { Destination: named.join('') };
        const query = signedQuery(logoutRequest(stage, { issuer, head }), other.pair);
        for (const came of [corp, wiki]) {
          const [origin, path] = came;
          const reply = await createVisitor(origin).open(`${path}?${query}`);
          const isGood = came === wiki && named === wiki && issuer === other.entityId;
          assert.equal(reply.status, isGood ? 303 : 400, `${issuer} ${named} ${came}`);
          if (isGood) assert.equal(new URL(reply.location ?? '').origin, other.origin);
          assert.equal(await isSignedIn(alice), true);
        }
      }
    }
    assert.equal((await alice.open(`${wiki[1]}?x`)).status, 404, 'where it is nobody’s provider');
  });
});

/** One application more, on another site, with a provider of its own. */
function withWiki(text: string): string {
  const [, origin = ''] = /origins: \["([^"]*)"/.exec(text) ?? [];
  const [, upstream = ''] = /upstream: (\S*)/.exec(text) ?? [];
  const provider = `  other:
    type: saml
    metadata: other.xml
    entity_id: urn:stepgate
    sign: {key: sp.key, cert: sp.pem}
    levels: {password: {class_ref: "${PASSWORD_CLASS}"}}
`;
  const wiki = `  wiki:
    origins: ["${origin.replace('127.0.0.1', 'localhost')}"]
    upstream: ${upstream}
    provider: other
`;
  return `${text.replace('\napps:', `\n${provider}apps:`)}${wiki}`;
}
