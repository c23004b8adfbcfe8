import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertEnded, browse } from '../support/besieged.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
  - {name: passkey, validity: 1h}
default: {require: password}
apps:
  payroll:
    rules:
      - {id: signing, path: /signing/**, require: mfa, comparison: exact}
      - {id: vault, path: /vault/**, require: passkey, comparison: exact}
      - {id: more, path: /more/**, require: password, comparison: better, note: as the old gateway did}
      - {id: kiosk, path: /kiosk/**, require: mfa, comparison: maximum, note: passkeys stay at home}
`;

const startComparing = (): Promise<Stage> =>
  startStage({
    policies: POLICIES,
    gateway: (text) => text.replace('mfa: {acr: mfa}', 'mfa: {acr: mfa}\n      passkey: {acr: passkey}'),
  });

/** The acr values of the last authentication request. */
function askedFor(stage: Stage): readonly string[] | null {
  const claims = JSON.parse(stage.op.asked.at(-1)?.get('claims') ?? '{}');
  return claims.id_token?.acr?.values ?? null;
}

describe('pages that compare levels otherwise than by the least', () => {
  let stage: Stage;
  before(async () => {
    stage = await startComparing();
  });
  after(() => stage.stop());

  /** Somebody who signed in for a page that only a passkey opens. */
  async function withPasskey(): Promise<Visitor> {
    stage.op.script.acr = 'asked';
    const alice = stage.visitor();
    const { reply } = await browse(stage, alice, '/vault/1');
    assert.equal(reply.status, 200, reply.text);
    return alice;
  }

  it('M10 a passkey does not open what is exactly mfa: that is asked for, and then both pages are open', async () => {
    const alice = await withPasskey();
    const trips = stage.op.counts.authorize;
    assert.equal((await alice.fetch('/signing/1')).json().why, 'insufficient_level');
    const { reply } = await browse(stage, alice, '/signing/1');
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(askedFor(stage), ['mfa']);
    for (const page of ['/vault/1', '/signing/1', '/vault/2', '/signing/2']) {
      assert.equal((await alice.open(page)).status, 200, page);
    }
    assert.equal(stage.op.counts.authorize, trips + 1);
  });

  it('to a client, what is better than a password is named by the weakest level that would do', async () => {
    stage.op.script.acr = 'pwd';
    const bob = stage.visitor();
    await stage.signIn(bob);
    const reply = await bob.fetch('/more/1');
    assert.equal(reply.json().level, 'mfa');
    assert.match(String(reply.headers['www-authenticate']), /acr_values="mfa"/);
  });

  it('what is better than a password is asked for weakest first, and a password alone is not it', async () => {
    stage.op.script.acr = 'asked';
    const bob = stage.visitor();
    await stage.signIn(bob);
    const { reply } = await browse(stage, bob, '/more/1');
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(askedFor(stage), ['mfa', 'passkey']);
    stage.op.script.acr = 'pwd';
    const carol = stage.visitor();
    assertEnded(stage, (await browse(stage, carol, '/more/1')).reply, 403, 'level_not_met');
  });

  it('what is mfa at most is open with a password, and not with a passkey alone', async () => {
    const alice = await withPasskey();
    const { reply } = await browse(stage, alice, '/kiosk/1');
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(askedFor(stage), ['mfa', 'pwd']);
    const bob = stage.visitor();
    await stage.signIn(bob);
    assert.equal((await bob.open('/kiosk/1')).status, 200);
  });

  it('a provider that answers with a passkey whatever is asked ends on a page, and the vault stays open', async () => {
    const alice = await withPasskey();
    stage.op.script.acr = 'passkey';
    const trips = stage.op.counts.authorize;
    assertEnded(stage, (await browse(stage, alice, '/signing/1')).reply, 403, 'level_not_met');
    assert.equal(stage.op.counts.authorize, trips + 1);
    assert.equal((await alice.open('/vault/1')).status, 200);
  });
});
