import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JSONWebKeySet } from 'jose';
import { keyText } from '../providers/client-keys.ts';
import { browse, startBentStage } from '../support/besieged.ts';

const current = JSON.parse(keyText('EC'));
const next = JSON.parse(keyText('RSA for PS256'));
const BY_KEY = (text: string): string =>
  text.replace(
    /client_secret: .*\n/,
    'client_auth: private_key_jwt\n    key: corp.jwk\n    next_key: next.jwk\n    userinfo: true\n',
  );

describe('the keys that the gateway shows itself by', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  before(async () => {
    stage = await startBentStage({
      gateway: BY_KEY,
      files: {
        'corp.jwk': JSON.stringify({ ...current, kid: 'now' }),
        'next.jwk': JSON.stringify({ ...next, kid: 'then' }),
      },
      op: { script: { pushing: 'offered', userinfo: (person) => person } },
    });
  });
  after(() => stage.stop());

  const published = async (): Promise<JSONWebKeySet> =>
    (await stage.visitor().fetch('/.stepgate/client-jwks.json')).json() as unknown as JSONWebKeySet;

  it('are published, the one in use and the next, for anybody, and nothing private of them', async () => {
    const reply = await stage.visitor().send('/.stepgate/client-jwks.json');
    assert.equal(reply.status, 200);
    assert.match(String(reply.headers['content-type']), /^application\/jwk-set\+json$/);
    assert.match(String(reply.headers['cache-control']), /max-age=300/);
    assert.deepEqual(reply.setCookies, []);
    const { keys } = await published();
    assert.deepEqual(
      keys.map(({ kid, alg, use }) => [kid, alg, use]),
      [
        ['now', 'ES256', 'sig'],
        ['then', 'PS256', 'sig'],
      ],
    );
    for (const secret of [current.d, next.d, next.p, next.q, next.dp, next.dq, next.qi]) {
      assert.ok(!reply.text.includes(secret));
    }
  });

  it('are nobody’s at another host, by another method or beside the assertion’s', async () => {
    assert.equal(
      (await stage.visitor().send('/.stepgate/client-jwks.json', { headers: { host: 'evil.example' } })).status,
      421,
    );
    assert.equal((await stage.visitor().send('/.stepgate/client-jwks.json', { method: 'POST' })).status, 404);
    const assertion = await stage.visitor().send('/.stepgate/jwks.json');
    assert.doesNotMatch(assertion.text, /"(?:now|then)"/);
  });

  it('sign the gateway in at a provider that knows nothing else of it', async () => {
    stage.op.script.clientKeys = { keys: (await published()).keys.filter(({ kid }) => kid === 'now') };
    const alice = stage.visitor();
    assert.equal((await browse(stage, alice, '/admin/x')).reply.status, 200);
    assert.equal(stage.op.credentials(), null);
    for (const line of stage.lines) assert.doesNotMatch(JSON.stringify(line), /client_assertion|eyJ/);
  });

  it('do not sign with the next one yet', async () => {
    stage.op.script.clientKeys = { keys: (await published()).keys.filter(({ kid }) => kid === 'then') };
    const { reply } = await browse(stage, stage.visitor(), '/admin/x');
    assert.equal(reply.status, 403);
    assert.match(reply.text, /<dd>provider_error<\/dd>/);
  });
});

describe('userinfo that fails', () => {
  it('ends a step-up on a page, and the session stays as it was', async () => {
    const stage = await startBentStage({
      provider: '    userinfo: true\n    claims: {groups: groups}',
      op: { script: { userinfo: (person) => person } },
    });
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-groups'] ?? 'none yet', 'none yet');
    await alice.open('/home');
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-groups'], 'hr,staff');
    const before = alice.jar.get('stepgate-corp');
    stage.op.script.userinfoAnswer = { status: 500 };
    const away = await browse(stage, alice, '/admin/x');
    assert.equal(away.reply.status, 503);
    stage.op.script.userinfoAnswer = 'ok';
    stage.op.script.userinfo = () => ({ sub: 'mallory', groups: ['admin'] });
    const forged = await browse(stage, alice, '/admin/x');
    assert.equal(forged.reply.status, 400);
    assert.equal(alice.jar.get('stepgate-corp'), before);
    await stage.stop();
  });
});
