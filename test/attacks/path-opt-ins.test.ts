import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PathApp, pathGateway, pathPolicies } from '../support/path-apps.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const APPS: readonly PathApp[] = [
  { name: 'slash', paths: '{encoded_slash: allow}' },
  { name: 'double', paths: '{double_slash: merge}' },
  { name: 'params', paths: '{parameters: allow}' },
  { name: 'java', paths: '{parameters: jsessionid}' },
  { name: 'win', paths: '{windows: true}' },
  { name: 'all', paths: '{encoded_slash: allow, double_slash: merge, parameters: allow, windows: true}' },
];

/** Number, target, and what it comes to for nobody and for Alice, who has proven a password. */
type Row = readonly [number: string, target: string, anonymous: number, alice: number];

const ROWS: readonly Row[] = [
  // An encoded slash is a letter to some upstreams and a separator to others.
  ['T128', '/slash/admin%2fx', 401, 401],
  ['T128', '/slash/admin%2F', 400, 400],
  ['T128', '/slash/x%2fadmin', 401, 200],
  ['T128', '/slash/pub%2fx', 401, 200],
  ['T128', '/slash/pub/a%2Fb', 200, 200],
  ['T128', '/slash/closed%2fx', 403, 403],
  ['T128', '/slash/admin%252fx', 400, 400],
  ['T128', '/slash/pub%5cx', 400, 400],
  ['T122', '/slash/pub/..%2fadmin', 400, 400],
  ['T122', '/slash/pub%2f..%2fadmin', 400, 400],
  ['T122', '/slash/pub%2f%2e%2e%2fadmin', 400, 400],
  ['T122', '/slash/pub/x%2f.', 400, 400],
  ['T122', '/slash/pub/%2fadmin', 400, 400],
  ['T122', '/slash/pub%2f%2fadmin', 400, 400],
  ['T122', '/slash%2fpub/x', 404, 404],
  ['T128', '/slash//admin', 400, 400],
  // Merged before it is judged, and forwarded merged.
  ['T125', '//double/admin', 401, 401],
  ['T125', '/double//admin', 401, 401],
  ['T125', '////double////admin////', 401, 401],
  ['T125', '/double//closed', 403, 403],
  ['T125', '/double/pub//admin', 200, 200],
  ['T125', '/double/pub//../admin', 400, 400],
  ['T125', '/double/pub/%2fadmin', 400, 400],
  ['T125', '/double/%2e//admin', 400, 400],
  // Parameters belong to the segment for some and are cut off by others.
  ['T127', '/params/admin;a=b/x', 401, 401],
  ['T127', '/params/admin;', 401, 401],
  ['T127', '/params/admin;a;b=c/x;d', 401, 401],
  ['T127', '/params/pub;x/a', 401, 200],
  ['T127', '/params/pub/a;x', 200, 200],
  ['T127', '/params/closed;x', 403, 403],
  ['T127', '/params/closed;x/y;z', 403, 403],
  ['T127', '/params/pub/..;/admin', 400, 400],
  ['T127', '/params/pub/.;x/admin', 400, 400],
  ['T127', '/params/pub/..;%2fadmin', 400, 400],
  ['T127', '/params/;x/admin', 400, 400],
  ['T127', '/params/pub/;/admin', 400, 400],
  ['T127', '/params/admin%3Ba=b', 400, 400],
  ['T127', '/params/pub%3b/../admin', 400, 400],
  ['T127', '/params;x/admin', 404, 404],
  ['T127', '/java/admin;jsessionid=A0.b-1', 401, 401],
  ['T127', '/java/pub;JSESSIONID=1', 401, 200],
  ['T127', '/java/admin;jsessionid=', 400, 400],
  ['T127', '/java/admin;jsessionid=1;x=1', 400, 400],
  ['T127', '/java/admin;jsessionid=1%2f', 400, 400],
  ['T127', '/java/admin;x=1', 400, 400],
  ['T127', '/java/admin;', 400, 400],
  // Windows folds case and forgets what stands at the end of a name.
  ['T126', '/win/ADMIN/x', 401, 401],
  ['T126', '/win/aDmIn', 401, 401],
  ['T126', '/win/%41DMIN', 401, 401],
  ['T126', '/win/Closed', 403, 403],
  ['T126', '/win/PUB/a', 200, 200],
  ['T126', '/WIN/admin', 404, 404],
  ['T126', '/win/adm%C4%B1n', 400, 400],
  ['T126', '/win/adm%C4%B0n', 400, 400],
  ['T126', '/win/%EF%BC%A1dmin', 400, 400],
  ['T126', '/win/clo%C5%BFed', 400, 400],
  ['T126', '/win/%E2%84%AAiosk', 400, 400],
  ['T135', '/win/admin.', 400, 400],
  ['T135', '/win/admin./x', 400, 400],
  ['T135', '/win/admin%2e', 400, 400],
  ['T135', '/win/admin%20', 400, 400],
  ['T135', '/win/admin%20/x', 400, 400],
  ['T135', '/win/admin.%20.', 400, 400],
  ['T135', '/win/admin%C2%A0', 400, 400],
  ['T135', '/win/ADMIN~1', 400, 400],
  ['T135', '/win/admin::$INDEX_ALLOCATION', 400, 400],
  ['T135', '/win/x%3A$DATA', 400, 400],
  ['T135', '/win/pub/.../admin', 400, 400],
  // Everything at once.
  ['T127', '/all//ADMIN;a=b%2fx', 401, 401],
  ['T127', '/all/x%2f..;y%2fadmin', 400, 400],
  ['T128', '/all/Pub%2fx', 401, 200],
  ['T135', '/all/admin.;x', 400, 400],
  ['T135', '/all/admin%20%2fx', 400, 400],
  ['T126', '/all/CLOSED;x%2fy', 403, 403],
];

describe('where an app lets a path be read in several ways, the strictest reading decides', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    stage = await startStage({ policies: pathPolicies(APPS), gateway: pathGateway(APPS) });
    alice = stage.visitor();
    await stage.signIn(alice, '/slash/home');
    assert.equal((await alice.open('/slash/home')).status, 200);
  });
  after(() => stage.stop());

  async function attempt(target: string, jar: ReadonlyMap<string, string>) {
    const before = stage.upstream.received.length;
    const bytes = requestBytes(target, { host: new URL(stage.origin).host, lines: cookieLines(jar) });
    const { reply } = await sendBytes(stage.port, bytes);
    return { status: reply.status, forwarded: stage.upstream.received.slice(before).map((seen) => seen.target) };
  }
  const webSocket = (target: string, jar: ReadonlyMap<string, string>) => {
    const ask = { host: new URL(stage.origin).host, origin: stage.origin, lines: cookieLines(jar) };
    return webSocketStatus(stage.port, target, ask);
  };

  for (const [number, target, anonymous, known] of ROWS) {
    it(`${number} ${target} is ${anonymous} for nobody and ${known} with a password, as an upgrade too`, async () => {
      const nobody = await attempt(target, new Map());
      const person = await attempt(target, alice.jar);
      assert.deepEqual([nobody.status, person.status], [anonymous, known]);
      assert.equal(nobody.forwarded.length, anonymous === 200 ? 1 : 0);
      assert.equal(person.forwarded.length, known === 200 ? 1 : 0);
      assert.equal(await webSocket(target, alice.jar), known === 200 ? 101 : known);
    });
  }

  const SPELT: readonly [string, string, string][] = [
    ['T125', '//double///home//x//', '/double/home/x/'],
    ['T128', '/slash/a%2fb', '/slash/a%2Fb'],
    ['T127', '/params/a;x=%31', '/params/a;x=1'],
    ['T126', '/win/Home/%41', '/win/Home/A'],
  ];
  for (const [number, target, expected] of SPELT) {
    it(`${number} ${target} is forwarded in the one spelling that was judged, ${expected}`, async () => {
      const { forwarded } = await attempt(target, alice.jar);
      assert.deepEqual(forwarded, [expected]);
    });
  }

  it('T128 a public rule for a method opens only readings that it covers, whatever the method', async () => {
    const bytes = (target: string) =>
      requestBytes(target, {
        method: 'POST',
        host: new URL(stage.origin).host,
        lines: ['Content-Type: text/plain', 'Content-Length: 2'],
        body: 'hi',
      });
    const status = async (target: string) => (await sendBytes(stage.port, bytes(target))).reply.status;
    assert.equal(await status('/slash/drop/a%2Fb'), 200);
    assert.equal(await status('/slash/drop%2Fa'), 401);
    assert.equal(await status('/slash/pub/a%2Fb'), 401);
  });
});
