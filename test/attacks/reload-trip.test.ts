import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { departAndAnswer, SESSION_COOKIE } from '../support/besieged.ts';
import { cookieLines } from '../support/raw-http.ts';
import { POLICIES, type Rewritten, type Stage, startStage } from '../support/stage.ts';

const STRICTER = POLICIES.replace('default: {require: password}', 'default: {require: mfa}');

describe('a reload under people who are on their way', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());
  beforeEach(async () => {
    stage.op.script.sign = 'ours';
    assert.ok(await stage.reload());
  });

  /** Reloads while the provider is answering the next exchange of a code. */
  const duringExchange = (rewritten: Rewritten): void => {
    stage.op.script.sign = async (header, claims, keys) => {
      stage.op.script.sign = 'ours';
      assert.ok(await stage.reload(rewritten));
      return keys.sign(header, claims);
    };
  };

  it('T173 steps up the next request of a connection that is open already', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    const get = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { cookie: cookieLines(visitor.jar).join('').slice('Cookie: '.length) };
        const sent = request(`${stage.origin}/home`, { agent, headers }, (reply) => {
          reply.resume().on('end', () => resolve(reply.statusCode ?? 0));
        });
        sent.on('socket', (socket) => ports.add(socket.localPort ?? 0)).on('error', reject);
        sent.end();
      });
    assert.equal(await get(), 200);
    assert.ok(
      await stage.reload({ policies: POLICIES.replace('default: {require: password}', 'default: {require: mfa}') }),
    );
    assert.equal(await get(), 401);
    assert.ok(await stage.reload({}));
    assert.equal(await get(), 200);
    agent.destroy();
    assert.equal(ports.size, 1);
  });

  it('that raises the level of where they want to go costs another trip, and no error', async () => {
    const ada = stage.visitor();
    const callback = await departAndAnswer(stage, ada, '/home');
    assert.ok(await stage.reload({ policies: STRICTER }));
    const back = await ada.open(callback);
    assert.equal(back.location, `${stage.origin}/home`);
    const again = await stage.passProvider(ada, await ada.open('/home'));
    assert.equal(again.location, `${stage.origin}/home`);
    assert.equal((await ada.open('/home')).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-level'], 'mfa');
  });

  it('that removes the level they left for lets them through to what is asked now', async () => {
    const ada = stage.visitor();
    const callback = await departAndAnswer(stage, ada, '/admin/people');
    const policies = POLICIES.replace(/^ {2}- \{name: mfa.*\n/m, '').replaceAll('require: mfa', 'require: password');
    assert.ok(await stage.reload({ policies, gateway: (text) => text.replace('      mfa: {acr: mfa}\n', '') }));
    const back = await ada.open(callback);
    assert.equal(back.location, `${stage.origin}/admin/people`);
  });

  it('that takes the level from its acr during the exchange: the answer is judged by the rules of now', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    const sealed = ada.jar.get(SESSION_COOKIE);
    duringExchange({ gateway: (text) => text.replace('mfa: {acr: mfa}', 'mfa: {acr: gold}') });
    const ended = await stage.passProvider(ada, await ada.open('/admin/people'));
    assert.equal(ended.status, 403);
    assert.match(ended.text, /<dd>level_not_met<\/dd>/);
    assert.equal(ada.jar.get(SESSION_COOKIE), sealed, 'the session stays what it was');
    assert.equal((await ada.fetch('/home')).status, 200);
  });

  it('that gives the level to another acr during the exchange never raises by the rules of before', async () => {
    const ada = stage.visitor();
    duringExchange({ gateway: (text) => text.replace('{acr: pwd}', '{acr: x}').replace('{acr: mfa}', '{acr: pwd}') });
    // Asked for `pwd`, which is worth mfa by now.
    const back = await stage.passProvider(ada, await ada.open('/home'));
    assert.equal(back.location, `${stage.origin}/home`);
    assert.equal((await ada.fetch('/.stepgate/session')).json().level, 'mfa');
  });

  for (const [what, gateway] of Object.entries({
    'another client': (text: string) => text.replace(/client_id: .*/, 'client_id: somebody-else'),
    'another algorithm': (text: string) => text.replace('levels:', 'id_token_alg: ES256\n    levels:'),
    'another claim for the name': (text: string) => text.replace('levels:', 'claims: {name: nick}\n    levels:'),
  })) {
    it(`that names ${what} during the exchange: the answer is not used, the page asks again`, async () => {
      const ada = stage.visitor();
      duringExchange({ gateway });
      const back = await stage.passProvider(ada, await ada.open('/home'));
      assert.equal(back.location, `${stage.origin}/home`);
      assert.equal(ada.jar.has(SESSION_COOKIE), false);
      assert.equal((await ada.open('/home')).status, 303, 'to the provider');
    });
  }

  it('that replaces the secret during the exchange seals the session with the new one', async () => {
    const ada = stage.visitor();
    stage.env.NEW = randomBytes(32).toString('base64');
    duringExchange({ gateway: (text) => text.replace('env:SECRET}', 'env:NEW}') });
    assert.equal((await stage.passProvider(ada, await ada.open('/home'))).location, `${stage.origin}/home`);
    assert.equal((await ada.fetch('/home')).status, 200);
  });

  it('that removes their session by its secret during a step-up raises nothing', async () => {
    const ada = stage.visitor();
    stage.env.NEW = randomBytes(32).toString('base64');
    await stage.signIn(ada);
    duringExchange({ gateway: (text) => text.replace('env:SECRET}', 'env:NEW}') });
    const ended = await stage.passProvider(ada, await ada.open('/admin/people'));
    assert.equal(ended.status, 403);
    assert.match(ended.text, /<dd>session_changed<\/dd>/);
  });

  it('that moves the application to another host during the exchange leaves no session behind', async () => {
    const ada = stage.visitor();
    duringExchange({ gateway: (text) => text.replace(/origins: .*/, 'origins: ["https://wages.example.com"]') });
    const back = await stage.passProvider(ada, await ada.open('/home'));
    assert.equal(back.location, `${stage.origin}/home`);
    assert.equal(ada.jar.has(SESSION_COOKIE), false);
    assert.equal((await ada.open('/home')).status, 421);
  });

  it('that replaces a provider which is being looked for sends them to the page again, not into an error', async () => {
    const slow = await startStage({ op: { script: { discovery: 'hang' } } });
    const ada = slow.visitor();
    const opening = ada.open('/home');
    while (slow.op.counts.discovery === 0) await turn();
    slow.op.script.discovery = 'ok';
    assert.ok(await slow.reload({ provider: '    timeout: 9s\n' }));
    const again = await opening;
    assert.deepEqual([again.status, again.location], [303, `${slow.origin}/home`]);
    assert.equal((await slow.signIn(ada)).location, `${slow.origin}/home`);
    await slow.stop();
  });
});
