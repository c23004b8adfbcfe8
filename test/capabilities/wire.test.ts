import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { browse, NOON } from '../support/besieged.ts';
import { type Stage, startStage } from '../support/stage.ts';

const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, label: Two-step, validity: 15m, message: {en: "Please <script>alert(1)</script> confirm.", de: Bitte bestätigen.}}
apps:
  payroll:
    require: password
    rules:
      - {id: admin, path: /admin/**, require: mfa}
      - {id: fresh, path: /fresh/**, require: mfa, max_age: 5m}
      - {id: hr, path: /hr/**, only: '"hr" in user.groups', require: mfa}
      - {id: shut, path: /shut/**, deny: true}
      - {id: tried, path: /tried/**, require: mfa, mode: report}
`;
const PORTAL = POLICIES.replace('require: password\n    rules', 'require: mfa\n    rules');

describe('capabilities that a person sees', () => {
  let stage: Stage;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startStage({ policies: POLICIES });
  });
  beforeEach(async () => {
    mock.timers.setTime(NOON);
    stage.op.script.authTime = null;
    stage.op.script.acr = 'asked';
    stage.op.script.person.groups = ['hr'];
    assert.equal(await stage.reload(), true);
  });
  after(async () => {
    mock.timers.reset();
    await stage.stop();
  });

  const signedIn = async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    return alice;
  };

  it('Z1 a sensitive page leads to the provider, and back to the very page, query and all', async () => {
    const alice = await signedIn();
    const { reply, trips } = await browse(stage, alice, '/admin/people?tab=2&q=a%20b');
    assert.deepEqual([reply.status, trips], [200, 1]);
    assert.equal(stage.upstream.received.at(-1)?.target, '/admin/people?tab=2&q=a%20b');
  });

  it('Z8 after its validity a level is asked for again, and the session goes on at the weaker one', async () => {
    const alice = await signedIn();
    assert.equal((await browse(stage, alice, '/admin')).reply.status, 200);
    mock.timers.setTime(NOON + 16 * 60_000);
    assert.equal((await alice.fetch('/admin')).json().why, 'stale_authentication');
    assert.equal((await alice.open('/home')).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-level'], 'password');
    assert.equal((await browse(stage, alice, '/admin')).trips, 1);
  });

  it('Z10 the message of a level is shown in the language of the person, and is only text', async () => {
    const alice = await signedIn();
    for (const [language, says] of [
      ['en', /Please &lt;script&gt;alert\(1\)&lt;\/script&gt; confirm\./],
      ['de-AT', /lang="de"[^>]*>Bitte bestätigen\./],
    ] as const) {
      const headers = { 'sec-fetch-dest': 'iframe', 'accept-language': language };
      const page = await alice.open('/admin', { headers });
      assert.match(page.text, says);
      assert.doesNotMatch(page.text, /<script/);
    }
  });

  it('Z11 M18 a script is told which of two reasons there is, by a word that differs', async () => {
    const alice = await signedIn();
    const insufficient = await alice.fetch('/fresh');
    assert.deepEqual([insufficient.status, insufficient.json().why], [401, 'insufficient_level']);
    await browse(stage, alice, '/fresh');
    mock.timers.setTime(NOON + 6 * 60_000);
    const stale = await alice.fetch('/fresh');
    assert.deepEqual([stale.status, stale.json().why], [401, 'stale_authentication']);
    assert.notEqual(stale.json().title, insufficient.json().title);
  });

  it('Z16 what is closed offers no step-up', async () => {
    const alice = await signedIn();
    await browse(stage, alice, '/admin');
    const reply = await alice.fetch('/shut/x');
    assert.deepEqual([reply.status, reply.json().step_up_url], [403, undefined]);
  });

  it('Z21 M12 a demand for freshness is passed on to the provider, and its answer is held to it', async () => {
    const alice = await signedIn();
    await browse(stage, alice, '/admin');
    mock.timers.setTime(NOON + 6 * 60_000);
    assert.equal((await browse(stage, alice, '/fresh')).reply.status, 200);
    assert.equal(stage.op.asked.at(-1)?.get('max_age'), '300');
  });

  it('M5 the level of a portal is asked for at once, in one trip', async () => {
    assert.equal(await stage.reload({ policies: PORTAL }), true);
    const { reply, trips } = await browse(stage, stage.visitor(), '/home');
    assert.deepEqual([reply.status, trips], [200, 1]);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-level'], 'mfa');
  });

  it('M14 a file with a step-up for each request is not served, and the one before stays', async () => {
    const once = POLICIES.replace(
      'path: /fresh/**, require: mfa, max_age: 5m',
      'path: /fresh/**, methods: write, require: mfa, one_time: true',
    );
    assert.equal(await stage.reload({ policies: once }), false);
    assert.equal((await (await signedIn()).fetch('/fresh')).json().why, 'insufficient_level');
  });

  it('M15 what the provider did hours ago is no authentication of now', async () => {
    const alice = await signedIn();
    stage.op.script.authTime = NOON / 1000 - 5 * 3600;
    const { reply, trips } = await browse(stage, alice, '/fresh');
    assert.deepEqual([reply.status, trips], [403, 2]);
    assert.match(reply.text, /stale_authentication/);
  });

  it('M20 who has no right is told so before any second factor', async () => {
    stage.op.script.person.groups = ['sales'];
    const { reply, trips } = await browse(stage, stage.visitor(), '/hr/x');
    assert.deepEqual([reply.status, trips], [403, 1]);
    const [asked] = stage.op.asked.slice(-1);
    assert.match(String(asked?.get('claims') ?? asked?.get('acr_values')), /pwd/);
  });

  it('H15 a provider that always says less is asked once, and not in circles', async () => {
    const alice = await signedIn();
    stage.op.script.acr = 'pwd';
    const { reply, trips } = await browse(stage, alice, '/admin');
    assert.deepEqual([reply.status, trips], [403, 1]);
    assert.match(reply.text, /level_not_met/);
  });

  it('H21 a rule that is only tried lets everything pass, and is recorded', async () => {
    const alice = await signedIn();
    assert.equal((await alice.open('/tried/x')).status, 200);
    const event = stage.events('report').at(-1);
    assert.deepEqual([event?.rule, event?.would], ['payroll/tried', 'challenge mfa insufficient_level']);
  });
});
