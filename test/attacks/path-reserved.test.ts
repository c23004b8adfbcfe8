import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PathApp, pathGateway, pathPolicies } from '../support/path-apps.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const LAX = '{encoded_slash: allow, double_slash: merge, parameters: allow, windows: true}';
const CASES: readonly { readonly what: string; readonly apps: readonly PathApp[] }[] = [
  { what: 'an app that takes every spelling', apps: [{ name: 'site', mount: '/', paths: LAX }] },
  { what: 'an app that takes one', apps: [{ name: 'site', mount: '/', paths: '{}' }] },
];

/** Never the upstream's: 404, 400 where the spelling itself is refused, 403 where a route of ours wants a navigation. */
const TARGETS = [
  '/.stepgate',
  '/.stepgate/',
  '/.stepgate/x',
  '/.stepgate/assets/x.js',
  '/.stepgate/saml/corp/acs',
  '/.stepgate/session/',
  '/.stepgate/session/x',
  '/.stepgate/callback',
  `/.stepgate/callback/${'a'.repeat(300)}`,
  '/.stepgate/callback/corp/x',
  '/.stepgate/callback/corp%2fx',
  '/%2estepgate/x',
  '/%2Estep%67ate/x',
  '/.stepgate%2fsession',
  '/.stepgate%2Fx',
  '/%2e%73tepgate%2fx',
  '/.stepgate;x=1/session',
  '/.stepgate;/x',
  '/.stepgate;x%2fy',
  '//.stepgate/x',
  '/.//.stepgate/x',
  '/.stepgate//x',
  '/x/../.stepgate/x',
  '/x/..%2f.stepgate/x',
  '/.stepgate%00/x',
  '/.stepgate\\x',
  '/.stepgate%5cx',
  '/%252estepgate/x',
  '/.STEPGATE/session',
  '/.Stepgate',
  '/%2eSTEPGATE/x',
  '/.STEPGATE%2fx',
  '/.StepGate;x/y',
];
/** Names of their own, but for an upstream that folds letters and forgets what stands at the end of a name. */
const ON_WINDOWS = [
  '/.stepgate./x',
  '/.stepgate%20/x',
  '/.stepgate::$DATA',
  '/.step%c4%b0gate/x',
  '/.%EF%BD%93tepgate/x',
  '/.%C5%BFtepgate/x',
];

for (const { what, apps } of CASES) {
  describe(`our own prefix is never proxied or shadowed, under ${what}`, () => {
    let stage: Stage;
    let alice: Visitor;
    before(async () => {
      stage = await startStage({ policies: pathPolicies(apps), gateway: pathGateway(apps) });
      alice = stage.visitor();
      await stage.signIn(alice, '/admin');
      assert.equal((await alice.open('/admin')).status, 200);
    });
    after(() => stage.stop());

    async function attempt(target: string, method = 'GET') {
      const before = stage.upstream.received.length;
      const host = new URL(stage.origin).host;
      const { reply } = await sendBytes(
        stage.port,
        requestBytes(target, { method, host, lines: cookieLines(alice.jar) }),
      );
      const ask = { host, origin: stage.origin, lines: cookieLines(alice.jar) };
      const upgraded = await webSocketStatus(stage.port, target, ask);
      return { statuses: [reply.status, upgraded], passed: stage.upstream.received.slice(before) };
    }
    const refused = (status: number): boolean => [400, 403, 404].includes(status);

    for (const target of apps[0]?.paths === LAX ? [...TARGETS, ...ON_WINDOWS] : TARGETS) {
      it(`T125 ${target.slice(0, 40)} does not reach the upstream, nor as an upgrade`, async () => {
        const { statuses, passed } = await attempt(target);
        assert.deepEqual(passed, []);
        assert.ok(statuses.every(refused), String(statuses));
      });
    }

    it('T125 no method reaches the upstream there', async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'HEAD', 'PATCH', 'QUERY', 'TRACE']) {
        for (const target of ['/.stepgate/session', '/.stepgate/callback/corp', '/.stepgate/none', '/.stepgate']) {
          const { reply } = await sendBytes(
            stage.port,
            requestBytes(target, { method, host: new URL(stage.origin).host, lines: cookieLines(alice.jar) }),
          );
          assert.ok([400, 404, 405, 415].includes(reply.status), `${method} ${target} ${reply.status}`);
        }
      }
      assert.ok(stage.upstream.received.every(({ target }) => !target.toLowerCase().includes('stepgate')));
    });

    it('T125 an upgrade to one of our own routes is refused, with the words of the route table', async () => {
      const { statuses, passed } = await attempt('/.stepgate/session');
      assert.deepEqual(statuses, [200, 404]);
      assert.deepEqual(passed, []);
    });
  });
}

describe('a name that only resembles our prefix', () => {
  let stage: Stage;
  before(async () => {
    const apps = [{ name: 'site', mount: '/', paths: '{}' }];
    stage = await startStage({ policies: pathPolicies(apps), gateway: pathGateway(apps) });
  });
  after(() => stage.stop());

  for (const target of ['/.stepgatex', '/x/.stepgate/session', '/stepgate/session']) {
    it(`T125 ${target} is the app's own path, judged by its rules`, async () => {
      const reply = await stage.visitor().fetch(target);
      assert.equal(reply.status, 401);
      assert.equal(reply.json().why, 'no_session');
    });
  }
});
