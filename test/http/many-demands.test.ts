import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FLOW_LIMIT } from '../../src/sessions/budget.ts';
import { STEP_UP_TOKEN_LIMIT } from '../../src/sessions/step-up-token.ts';
import { browse, targetOf } from '../support/besieged.ts';
import { type Stage, startStage } from '../support/stage.ts';

/** Easy ones first, as files happen to grow; the two that need a trip each come last. */
const floors = Array.from(
  { length: 60 },
  (_, n) => `  - {id: team-${n}-wants-to-be-sure, require: password, max_age: ${100 - n}m}`,
);
const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
  - {name: passkey, validity: 1h}
default: {require: password}
floors:
${floors.join('\n')}
  - {id: signing, require: mfa, comparison: exact}
  - {id: vault, require: passkey}
apps:
  payroll: {}
`;

describe('a request of sixty demands', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      policies: POLICIES,
      gateway: (text) => text.replace('mfa: {acr: mfa}', 'mfa: {acr: mfa}\n      passkey: {acr: passkey}'),
    });
  });
  after(() => stage.stop());

  it('has a flow of usual size, and goes from one hard thing to the next without a way round by the page', async () => {
    const alice = stage.visitor();
    const first = await alice.open('/home');
    const flow = [...alice.jar].find(([name]) => name.startsWith('stepgate-flow-'))?.[1] ?? '';
    assert.ok(flow.length > 0 && flow.length <= FLOW_LIMIT, `${flow.length}`);
    const next = await stage.passProvider(alice, first);
    assert.equal(new URL(next.location ?? '').origin, stage.op.issuer, 'from trip to trip');
    const { reply, trips } = await browse(stage, alice, targetOf(await stage.op.visit(next.location ?? '')));
    assert.equal(reply.status, 200, reply.text);
    assert.equal(trips, 0);
    assert.equal(stage.op.counts.authorize, 2);
  });

  it('has a step-up URL that clients and logs take whole, and that leads there as well', async () => {
    const bob = stage.visitor();
    const url = new URL(String((await bob.fetch('/home')).json().step_up_url));
    assert.ok((url.searchParams.get('t') ?? '').length <= STEP_UP_TOKEN_LIMIT);
    const { reply, trips } = await browse(stage, bob, targetOf(url));
    assert.equal(reply.status, 200, reply.text);
    assert.equal(trips, 2);
    assert.equal((await bob.open('/home')).status, 200);
  });
});
