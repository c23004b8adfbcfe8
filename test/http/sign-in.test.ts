import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';

describe('a person signs in and steps up', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  it('sees a public page without signing in, and the upstream is told nothing', async () => {
    const reply = await stage.visitor().open('/');
    assert.equal(reply.status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-subject'], undefined);
  });

  it('is sent to the provider, and comes back to the very page with its query', async () => {
    const visitor = stage.visitor();
    const back = await stage.signIn(visitor, '/home?year=2026&dept=a%20b');
    assert.equal(back.status, 303);
    assert.equal(back.location, `${stage.origin}/home?year=2026&dept=a%20b`);
    const page = await visitor.open('/home?year=2026&dept=a%20b');
    assert.equal(page.status, 200);
    const received = stage.upstream.received.at(-1);
    assert.equal(received?.target, '/home?year=2026&dept=a%20b');
    assert.equal(received?.headers['x-auth-subject'], 'alice');
    assert.equal(received?.headers['x-auth-level'], 'password');
  });

  it('is asked for the stronger level where a page wants it, and keeps the session', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const ask = await visitor.open('/admin/people');
    assert.equal(ask.status, 303);
    const back = await stage.passProvider(visitor, ask);
    assert.equal(back.location, `${stage.origin}/admin/people`);
    const page = await visitor.open('/admin/people');
    assert.equal(page.status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-levels'], 'password,mfa');
    assert.equal(stage.events('step_up').length, 1);
  });
});

describe('a page with a very long address', () => {
  it('is come back to without its query, and the audit says so', async () => {
    const stage = await startStage();
    const back = await stage.signIn(stage.visitor(), `/home?q=${'x'.repeat(600)}`);
    assert.equal(back.location, `${stage.origin}/home`);
    assert.equal(stage.events('challenge').at(-1)?.detail, 'return_shortened');
    await stage.stop();
  });
});
