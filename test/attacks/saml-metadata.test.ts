import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, NOON, unharmed } from '../support/besieged.ts';
import { type FakeIdp, instant, makePair, metadataOf } from '../support/fake-idp.ts';
import { type SamlStage, startSamlStage, targetOf } from '../support/saml-stage.ts';

const MINUTE = 60_000;
const NEXT = makePair('next');

const describing = (idp: FakeIdp, certificates: readonly string[]): string =>
  metadataOf(idp.entityId, idp.origin, certificates);

describe('the keys that metadata list', () => {
  let stage: SamlStage;
  before(async () => {
    stage = await startSamlStage();
  });
  beforeEach(async () => {
    stage.straighten();
    await rollTo(stage.idp.pair.certificate);
  });
  after(() => stage.stop());

  /** The file that gateway.yaml names lists these, and nothing else of the configuration has changed. */
  async function rollTo(...certificates: readonly string[]): Promise<void> {
    stage.files['idp.xml'] = describing(stage.idp, certificates);
    assert.ok(await stage.reload());
  }

  it('T088 are believed side by side, and the retired one no longer than it is listed, without a restart', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    await rollTo(stage.idp.pair.certificate, NEXT.certificate);
    assert.equal((await stage.browse(alice, '/admin/1')).reply.status, 200, 'by the key from before');
    stage.idp.script.signer = NEXT;
    assert.equal((await stage.browse(stage.visitor(), '/home')).reply.status, 200, 'by the next one');
    await rollTo(NEXT.certificate);
    assert.equal((await stage.browse(stage.visitor(), '/home')).reply.status, 200);
    stage.straighten();
    const bob = stage.visitor();
    const posted = await stage.depart(bob, '/home');
    const handed = await stage.post(posted);
    const reply = handed.status === 303 ? await bob.open(targetOf(handed.location)) : handed;
    assertEnded(stage, reply, 400, 'invalid_response');
    assert.equal((await bob.fetch('/home')).status, 401);
    assert.equal((await alice.fetch('/home')).status, 200, 'whoever is signed in stays so');
  });

  it('T088 do not include the one that an answer under way was signed with, once it is retired', async () => {
    const bob = stage.visitor();
    const posted = await stage.depart(bob, '/home');
    await rollTo(NEXT.certificate);
    const handed = await stage.post(posted);
    const reply = handed.status === 303 ? await bob.open(targetOf(handed.location)) : handed;
    assertEnded(stage, reply, 400, 'invalid_response');
    assert.equal((await bob.fetch('/home')).status, 401);
  });
});

describe('metadata that are over', () => {
  let stage: SamlStage;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    const end = ` validUntil="${instant(NOON / 1000 + 3600)}"`;
    stage = await startSamlStage({
      metadata: (idp) => metadataOf(idp.entityId, idp.origin, [idp.pair.certificate], end),
    });
  });
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  it('T089 disable the provider to the second, and leave who is signed in alone', async () => {
    const [alice, bob, carol] = [stage.visitor(), stage.visitor(), stage.visitor()];
    await stage.signIn(alice);
    mock.timers.tick(30 * MINUTE);
    assert.equal((await alice.open('/home')).status, 200);
    mock.timers.tick(30 * MINUTE - 1000);
    const posted = await stage.depart(bob, '/home');
    mock.timers.tick(1000);
    await unharmed(stage, alice, async () => {
      assertEnded(stage, await stage.post(posted), 503, 'provider_unavailable');
      assertEnded(stage, await carol.open('/home'), 503, 'provider_unavailable');
      assertEnded(stage, await alice.open('/admin/1'), 503, 'provider_unavailable');
    });
    assert.equal((await alice.open('/home')).status, 200);
  });

  it('T089 come with an alert, and newer ones enable the provider again', async () => {
    mock.timers.setTime(NOON + 61 * MINUTE);
    assert.ok(await stage.reload({ gateway: (text) => text.replace('entity_id:', 'timeout: 6s\n    entity_id:') }));
    const alerts = stage.lines.filter(({ msg }) => String(msg).startsWith('provider_metadata'));
    assert.deepEqual(
      alerts.map(({ level, msg, provider }) => [level, msg, provider]),
      [
        ['warn', 'provider_metadata_expire', 'corp'],
        ['warn', 'provider_metadata_expired', 'corp'],
      ],
    );
    stage.files['idp.xml'] = describing(stage.idp, [stage.idp.pair.certificate]);
    assert.ok(await stage.reload());
    assert.equal((await stage.browse(stage.visitor(), '/home')).reply.status, 200);
  });
});
