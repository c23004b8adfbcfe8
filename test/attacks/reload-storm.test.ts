import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { browse, SESSION_COOKIE } from '../support/besieged.ts';
import { type Echo, startEcho } from '../support/echo.ts';
import { POLICIES, type Rewritten, type Stage, startStage } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

/** Reloads: every second one is broken, the others go back and forth between two worlds. */
const RELOADS = 200;
/** Requests that are answered for each reload, at least. */
const REQUESTS = 10;
/** Requests of each person that are under way at the same time. */
const AT_ONCE = 3;

const POLICIES_A = POLICIES;
const POLICIES_B = POLICIES.replace('default: {require: password}', 'default: {require: mfa}');

/**
 * Two worlds that differ in everything that meets in one request: which application is asked, which groups it is told,
 * which level the path needs, which cookies open. What each person is answered in each; anything else is a bit of both.
 */
const ANSWERS: Readonly<Record<string, { readonly a: string; readonly b: string }>> = {
  /** Proved mfa; the cookie is sealed with a secret that only world A has. */
  ada: { a: '200 a hr', b: '401 no_session mfa' },
  /** The same with a secret that only world B has. */
  bob: { a: '401 no_session password', b: '200 b staff' },
  /** Proved a password; the secret is known in both. */
  eve: { a: '200 a hr', b: '401 insufficient_level mfa' },
};

const inWords = (reply: Reply): string => {
  const body = reply.json();
  if (reply.status !== 200) return `${reply.status} ${body.why} ${body.level}`;
  const told = (body.headers as Record<string, string>)['x-auth-groups'];
  return `200 ${reply.headers['x-upstream']} ${told}`;
};

describe('a storm of reloads under load', () => {
  let stage: Stage;
  let other: Echo;
  before(async () => {
    stage = await startStage({ provider: '    claims: {groups: groups}\n' });
    other = await startEcho();
    for (const name of ['ONLY_A', 'ONLY_B']) stage.env[name] = randomBytes(32).toString('base64');
    stage.upstream.answer.headers['x-upstream'] = 'a';
    other.answer.headers['x-upstream'] = 'b';
  });
  after(async () => {
    await stage.stop();
    await other.stop();
  });

  const secrets = (first: string, second: string) => (text: string) =>
    text.replace(/^secrets:.*$/m, `secrets: ["\${env:${first}}", "\${env:${second}}"]`);
  const worldA: Rewritten = {
    policies: POLICIES_A,
    gateway: (text) => secrets('SECRET', 'ONLY_A')(text).replace('groups: ["*"]', 'groups: [hr]'),
  };
  const worldB: Rewritten = {
    policies: POLICIES_B,
    gateway: (text) =>
      secrets(
        'SECRET',
        'ONLY_B',
      )(text)
        .replace('groups: ["*"]', 'groups: [staff]')
        .replace(/upstream: .*/, `upstream: ${other.origin}`),
  };
  const broken: Rewritten[] = [
    { policies: POLICIES_B.replace('deny: true', 'deny: maybe'), gateway: worldA.gateway ?? String },
    { policies: POLICIES_A, gateway: (text) => text.replace('client_secret', 'client_secrets') },
    { policies: POLICIES_B, gateway: (text) => text.replace('port: 8080', 'port: 8081') },
  ];

  /** Signs in while this secret seals. */
  const signIn = async (secret: string, target: string): Promise<Visitor> => {
    const visitor = stage.visitor();
    assert.ok(await stage.reload({ gateway: secrets(secret, secret === 'SECRET' ? 'ONLY_A' : 'SECRET') }));
    assert.equal((await stage.signIn(visitor, target)).location, `${stage.origin}${target}`);
    return visitor;
  };

  it('fails no request, and judges none by a bit of each', async () => {
    const people = {
      ada: await signIn('ONLY_A', '/admin/people'),
      bob: await signIn('ONLY_B', '/admin/people'),
      eve: await signIn('SECRET', '/home'),
    };
    assert.ok(await stage.reload(worldA));
    const before = stage.events('reloaded').length;
    let over = false;
    let answered = 0;
    const seen = new Map<string, number>();
    const knock = async (name: string, visitor: Visitor): Promise<void> => {
      while (!over) {
        const answer = inWords(await visitor.fetch('/home'));
        assert.ok(Object.values(ANSWERS[name] ?? {}).includes(answer), `${name}: ${answer}`);
        answered += 1;
        seen.set(`${name} ${answer}`, (seen.get(`${name} ${answer}`) ?? 0) + 1);
      }
    };
    const all = Array.from({ length: AT_ONCE }, () => Object.entries(people)).flat();
    const knocking = all.map(([name, visitor]) => knock(name, visitor));
    const newcomers: Promise<void>[] = [];
    const storm = async (): Promise<void> => {
      for (let reload = 0; reload < RELOADS; reload += 1) {
        const isBroken = reload % 2 === 1;
        const next = isBroken ? broken[reload % broken.length] : reload % 4 === 0 ? worldB : worldA;
        assert.equal(await stage.reload(next), !isBroken);
        if (reload % 20 === 0) newcomers.push(arrive());
        while (!over && answered < (reload + 1) * REQUESTS) await turn();
      }
      await Promise.all(newcomers);
    };
    try {
      await Promise.race([storm(), ...knocking]);
    } finally {
      over = true;
    }
    await Promise.all(knocking);

    assert.equal(seen.size, 6, 'everybody met both worlds');
    assert.ok(
      [...seen.values()].every((count) => count > 20),
      JSON.stringify([...seen]),
    );
    assert.equal(stage.events('reloaded').length - before, RELOADS / 2);
    assert.equal(stage.events('reload_refused').length, RELOADS / 2);
    assert.equal(stage.op.counts.discovery, 1);
    assert.equal(stage.events('step_up_failed').length, 0);
  });

  /** Somebody who signs in while everything changes: arrives, and stays signed in. */
  async function arrive(): Promise<void> {
    const visitor = stage.visitor();
    const { reply, trips } = await browse(stage, visitor, '/home');
    assert.equal(reply.status, 200, reply.text);
    assert.ok(trips <= 3, `${trips} trips`);
    assert.ok(visitor.jar.has(SESSION_COOKIE));
  }

  it('leaves a gateway that is as good as new', async () => {
    assert.ok(await stage.reload({}));
    const visitor = stage.visitor();
    assert.equal((await stage.signIn(visitor)).location, `${stage.origin}/home`);
    const home = await visitor.fetch('/home');
    assert.equal(home.headers['x-upstream'], 'a');
  });
});
