import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const POLICIES = `version: 1
levels: [{name: password, validity: 8h}, {name: mfa, validity: 1h}]
default: {require: password}
apps: {payroll: {}, wiki: {}}
`;

/** Payroll on 127.0.0.1 and on localhost; the wiki on [::1], with a provider of its own that is the same OP. */
function twoProviders(text: string): string {
  const provider = text.slice(text.indexOf('  corp:\n'), text.indexOf('\napps:'));
  const app = text.slice(text.indexOf('  payroll:\n'));
  const port = /127\.0\.0\.1:(\d+)"\]/.exec(text)?.[1] ?? '';
  return text
    .replace('\napps:', `\n${provider.replace('corp:', 'partner:')}\napps:`)
    .replace(/origins: .*/, `origins: ["http://127.0.0.1:${port}", "http://localhost:${port}"]`)
    .concat(
      app
        .replace('payroll:', 'wiki:')
        .replace(/origins: .*/, `origins: ["http://[::1]:${port}"]`)
        .replace('provider: corp', 'provider: partner'),
    );
}

describe('a session is of one host and one provider', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    stage = await startStage({ policies: POLICIES, gateway: twoProviders });
    alice = stage.visitor();
    await stage.signIn(alice);
    // Opened once: the cache of opened cookies is warm.
    assert.equal((await alice.open('/home')).status, 200);
  });
  after(() => stage.stop());

  /** Status at one of the hosts, for cookies that are pasted there under their name or another. */
  async function statusAt(hostname: string, rename: (name: string) => string = (name) => name) {
    const host = `${hostname}:${stage.port}`;
    const lines = [`Cookie: ${[...alice.jar].map(([name, value]) => `${rename(name)}=${value}`).join('; ')}`];
    const { reply } = await sendBytes(stage.port, requestBytes('/home', { host, lines }));
    const ask = { host, origin: `http://${host.toLowerCase()}`, lines };
    return [reply.status, await webSocketStatus(stage.port, '/home', ask)];
  }
  const asPartner = (name: string): string => name.replace('corp', 'partner');

  it('T175 a cookie opened on one host and pasted at another is nobody there, though it is the same app', async () => {
    assert.deepEqual(await statusAt('127.0.0.1'), [200, 101]);
    assert.deepEqual(await statusAt('localhost'), [401, 401]);
    assert.deepEqual(await statusAt('127.0.0.1'), [200, 101], 'and is still Alice at home');
  });

  it('T175 in whatever order and case the hosts are asked', async () => {
    assert.deepEqual(await statusAt('LOCALHOST'), [401, 401]);
    assert.deepEqual(await statusAt('localhost'), [401, 401]);
    assert.deepEqual(await statusAt('127.0.0.1'), [200, 101]);
    assert.deepEqual(await statusAt('localhost'), [401, 401]);
  });

  it("T175 at an app of another provider it is nobody, under its own name or the other's", async () => {
    assert.deepEqual(await statusAt('[::1]'), [401, 401]);
    assert.deepEqual(await statusAt('[::1]', asPartner), [401, 401]);
    assert.deepEqual(await statusAt('127.0.0.1', asPartner), [401, 401]);
  });

  it("T175 the session of another host or provider is not told to that host's own pages", async () => {
    for (const hostname of ['localhost', '[::1]']) {
      const cookie = [...alice.jar].map(([name, value]) => `${asPartner(name)}=${value}; ${name}=${value}`).join('; ');
      const reply = await alice.fetch('/.stepgate/session', { headers: { host: `${hostname}:${stage.port}`, cookie } });
      assert.deepEqual(reply.json(), { signed_in: false });
    }
  });

  it('T175 a flow of one host is none at another: nothing is exchanged', async () => {
    const bob = stage.visitor();
    const begun = await bob.open('/home');
    const back = await stage.op.visit(begun.location ?? '');
    const exchanged = stage.op.counts.token;
    const reply = await bob.open(`${back.pathname}${back.search}`, { headers: { host: `localhost:${stage.port}` } });
    assert.equal(reply.status, 400);
    assert.equal(stage.op.counts.token, exchanged);
    assert.deepEqual(reply.setCookies, []);
  });
});

describe('a session ends with what it was made under', () => {
  const secret = randomBytes(32).toString('base64');
  const withSecret = (text: string): string => text.replace(/\$\{env:SECRET\}/, secret);
  let first: Stage;
  let cookie = '';
  before(async () => {
    first = await startStage({ gateway: withSecret });
    const alice = first.visitor();
    await first.signIn(alice);
    cookie = [...alice.jar].map((pair) => pair.join('=')).join('; ');
  });
  after(() => first.stop());

  /** Status for Alice at a second instance for the same origin, with the same ledger, under a changed configuration. */
  async function statusAfter(change: (text: string) => string): Promise<number> {
    const same = (text: string): string =>
      withSecret(text)
        .replace(/origins: .*/, `origins: ["${first.origin}"]`)
        .replace(/issuer: .*/, `issuer: ${first.op.issuer}`);
    const second = await startStage({ gateway: (text) => change(same(text)), ledger: first.ledger });
    try {
      const headers = { cookie, host: new URL(first.origin).host };
      return (await second.visitor().send('/home', { headers })).status;
    } finally {
      await second.stop();
    }
  }

  const CHANGES: readonly [string, (text: string) => string, number][] = [
    ['under the same configuration it goes on', (text) => text, 200],
    [
      'a provider of its name that is another issuer is not its provider',
      (text) => text.replace(/issuer: (.*)/, 'issuer: $1/'),
      401,
    ],
    ['a provider of another name is not its provider', (text) => text.replaceAll('corp', 'partner'), 401],
    ['another secret opens nothing', (text) => text.replace(secret, randomBytes(32).toString('base64')), 401],
    ['another prefix finds nothing', (text) => `${text}cookie: {prefix: gate}\n`, 401],
    ['a mapping that proves nothing any more lowers it', (text) => text.replace('acr: pwd', 'acr: other'), 401],
  ];
  for (const [what, change, status] of CHANGES) {
    it(`T175 ${what}`, async () => assert.equal(await statusAfter(change), status));
  }
});
