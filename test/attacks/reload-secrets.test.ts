import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, beforeEach, describe, it } from 'node:test';
import { SESSION_COOKIE, targetOf } from '../support/besieged.ts';
import { type Stage, startStage } from '../support/stage.ts';

/** gateway.yaml with the secrets of these environment variables, newest first. */
const secrets =
  (...names: readonly string[]) =>
  (text: string): string =>
    text.replace(/^secrets:.*$/m, `secrets: [${names.map((name) => `"\${env:${name}}"`).join(', ')}]`);

const OLD_AND_NEW = { gateway: secrets('NEW', 'SECRET') };
const NEW_ONLY = { gateway: secrets('NEW') };

describe('secrets, while the gateway runs', () => {
  const stages: Stage[] = [];
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage();
    stage.env.NEW = randomBytes(32).toString('base64');
    stages.push(stage);
  });
  after(() => Promise.all(stages.map((each) => each.stop())));

  it('rotate without signing anybody out: the new one seals, both open', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    const sealedWithOld = ada.jar.get(SESSION_COOKIE);
    assert.ok(await stage.reload(OLD_AND_NEW));
    assert.equal((await ada.fetch('/home')).status, 200);

    // Stepping up seals with the new one, so the old one may go.
    await stage.passProvider(ada, await ada.open('/admin/people'));
    assert.notEqual(ada.jar.get(SESSION_COOKIE), sealedWithOld);
    assert.ok(await stage.reload(NEW_ONLY));
    assert.equal((await ada.fetch('/admin/people')).status, 200);
  });

  it('that are removed open nothing from the next request on, whatever was opened before', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    assert.equal((await ada.fetch('/home')).status, 200);
    assert.ok(await stage.reload(NEW_ONLY));
    const refused = await ada.fetch('/home');
    assert.equal(refused.status, 401);
    assert.equal(refused.json().why, 'no_session');
    const { jar } = ada;
    await stage.signIn(ada);
    assert.equal((await ada.fetch('/home')).status, 200, 'a stranger may sign in again');
    assert.ok(jar.size > 0);
  });

  it('that are removed end the trips that were sealed with them, on a page', async () => {
    const ada = stage.visitor();
    const asked = await ada.open('/home');
    assert.ok(await stage.reload(NEW_ONLY));
    const back = await stage.passProvider(ada, asked);
    assert.equal(back.status, 400);
    assert.match(back.text, /<dd>invalid_response<\/dd>/);
    assert.equal(back.setCookies.length, 0);
  });

  it('that are removed void step-up links and sign-out forms', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    const link = String((await ada.fetch('/admin/people')).json().step_up_url);
    assert.ok(await stage.reload(NEW_ONLY));
    const opened = await ada.open(targetOf(link));
    assert.equal(opened.status, 400);
    assert.match(opened.text, /<dd>invalid_token<\/dd>/);
  });

  it('that are put back open again what they sealed: removal alone is no revocation', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    assert.ok(await stage.reload(NEW_ONLY));
    assert.equal((await ada.fetch('/home')).status, 401);
    assert.ok(await stage.reload({ gateway: secrets('NEW', 'SECRET') }));
    assert.equal((await ada.fetch('/home')).status, 200);
  });

  it('that are weak, missing, empty or listed twice are refused, and the old ones go on', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    stage.env.WEAK = 'a passphrase of more than 32 bytes, all of them letters';
    stage.env.SHORT = randomBytes(16).toString('hex');
    stage.env.EMPTY = ' ';
    const lists = [['WEAK', 'SECRET'], ['SHORT'], ['EMPTY', 'SECRET'], ['MISSING', 'SECRET'], ['SECRET', 'SECRET'], []];
    for (const names of lists) assert.equal(await stage.reload({ gateway: secrets(...names) }), false, String(names));
    assert.equal((await ada.fetch('/home')).status, 200);
  });

  it('leave persons recognisable in the audit log while the one before is still listed', async () => {
    const hashes = async (): Promise<unknown> => {
      await stage.signIn(stage.visitor());
      return stage.events('sign_in').at(-1)?.subject_hash;
    };
    const first = await hashes();
    assert.ok(await stage.reload(OLD_AND_NEW));
    assert.equal(await hashes(), first);
    assert.ok(await stage.reload(NEW_ONLY));
    assert.notEqual(await hashes(), first);
  });

  it('and a cookie of a format that we do not know is an anonymous visitor', async () => {
    const ada = stage.visitor();
    await stage.signIn(ada);
    const sealed = Buffer.from(ada.jar.get(SESSION_COOKIE) ?? '', 'base64url');
    assert.equal(sealed[0], 1, 'the version comes first');
    for (const version of [0, 2, 255]) {
      sealed[0] = version;
      ada.jar.set(SESSION_COOKIE, sealed.toString('base64url'));
      const refused = await ada.fetch('/home');
      assert.deepEqual([refused.status, refused.json().why], [401, 'no_session']);
      assert.equal((await ada.open('/home')).status, 303, 'and can sign in');
    }
  });
});
