import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunningIo } from '../../src/cli/running.ts';
import { serve } from '../../src/cli/serve.ts';
import { GATEWAY, KEY, POLICIES as SMALL } from '../config/fixture.ts';
import { POLICIES, type Stage, startStage } from '../support/stage.ts';

const TESTS = `tests:
  - {app: payroll, request: GET /admin/people, session: {password: 1m}, expect: challenge mfa insufficient_level}
  - {app: payroll, request: GET /legacy/x, expect: deny forbidden}
  - {app: payroll, request: GET /home, expect: challenge password no_session}
`;
const POLICED = POLICIES + TESTS;
/** Somebody opens the administration to whoever has a password. */
const WEAKENED = POLICED.replace('path: /admin/**, require: mfa', 'path: /admin/**, require: password');

describe('a reload of policies whose tests fail', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ policies: POLICED });
  });
  after(() => stage.stop());

  it('is refused, and the policies that were there stay in force', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const { current } = stage.gateway.live;
    assert.equal(await stage.reload({ policies: WEAKENED }), false);
    assert.equal(stage.gateway.live.current, current);
    const asked = await visitor.open('/admin/people');
    assert.equal(asked.status, 303, 'the password still does not do');
    assert.equal((await visitor.open('/home')).status, 200);
    assert.ok(stage.upstream.received.every(({ target }) => !target.startsWith('/admin')));
  });

  it('is named in the audit and, with the test and what came out, in the log', async () => {
    assert.equal(await stage.reload({ policies: WEAKENED }), false);
    const event = stage.events('reload_refused').at(-1);
    assert.equal(event?.detail, 'test-failed');
    assert.equal(event?.world, stage.gateway.live.current.world.hash);
    const line = stage.lines.findLast(({ msg }) => msg === 'reload_refused');
    assert.equal(line?.problem, 'test-failed');
    assert.equal(line?.place, `policies.yaml:${POLICED.split('\n').indexOf('tests:') + 2}:5`);
    const said = 'expected challenge mfa insufficient_level, but allow by payroll/admin';
    assert.equal(line?.message, said);
  });

  it('is taken with the same policies once the test says that it is meant', async () => {
    const meant = WEAKENED.replace('expect: challenge mfa insufficient_level', 'expect: allow');
    assert.ok(await stage.reload({ policies: meant }));
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    assert.equal((await visitor.open('/admin/people')).status, 200);
    assert.ok(await stage.reload({}));
    assert.equal((await visitor.open('/admin/people')).status, 303);
  });

  it('is refused for a test alone, where the policies are those in force', async () => {
    const { current } = stage.gateway.live;
    assert.equal(await stage.reload({ policies: POLICED.replace('deny forbidden', 'public') }), false);
    assert.equal(stage.gateway.live.current, current);
  });
});

describe('a start with policies whose tests fail', () => {
  it('is none, and says which test', async () => {
    const files: Readonly<Record<string, string>> = {
      'gateway.yaml': GATEWAY,
      'policies.yaml': `${SMALL}tests:\n  - {app: payroll, request: GET /pay/runs/7, expect: public}\n`,
    };
    let said = '';
    const say = (text: string): void => {
      said += text;
    };
    const io: RunningIo = {
      out: say,
      err: say,
      env: (name) => ({ KEY, CLIENT: 'client-secret-of-the-test' })[name],
      readFile: (path) => Buffer.from(files[path] ?? ''),
      cwd: '/',
      stopped: () => Promise.resolve('SIGTERM'),
      onHangup: () => {},
    };
    assert.equal(await serve(['--config', 'gateway.yaml'], io), 1);
    assert.match(
      said,
      /policies\.yaml:19:5 {2}test-failed {2}expected public, but challenge password no_session by payroll\n/,
    );
    assert.doesNotMatch(said, /listening/);
  });
});
