import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PathApp, pathGateway, pathPolicies } from '../support/path-apps.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

/** All behind one upstream, as when one server's folders are protected as apps of their own. */
const APPS: readonly PathApp[] = [
  {
    name: 'site',
    mount: '/',
    paths: '{encoded_slash: allow, double_slash: merge, parameters: allow, windows: true}',
  },
  { name: 'wiki', paths: '{}' },
  { name: 'vault', mount: '/Team/Vault', paths: '{}' },
];

describe('apps on one origin: no spelling of a path is judged by the rules of another app', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    stage = await startStage({ policies: pathPolicies(APPS), gateway: pathGateway(APPS) });
    alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal((await alice.open('/home')).status, 200);
  });
  after(() => stage.stop());

  async function attempt(target: string) {
    const before = stage.upstream.received.length;
    const host = new URL(stage.origin).host;
    const { reply } = await sendBytes(stage.port, requestBytes(target, { host, lines: cookieLines(alice.jar) }));
    const ask = { host, origin: stage.origin, lines: cookieLines(alice.jar) };
    const upgraded = await webSocketStatus(stage.port, target, ask);
    return { status: reply.status, upgraded, passed: stage.upstream.received.length - before };
  }

  const ROWS: readonly [string, string, number, string][] = [
    ['T116', '/wiki/admin', 401, 'wiki demands mfa there'],
    ['T131', '/%77iki/admin', 401, 'an encoded letter of the mount is that letter'],
    ['T125', '//wiki/admin', 400, 'wiki takes no empty segments, whatever its neighbour takes'],
    ['T127', '/wiki;x/admin', 400, 'wiki for a reader that cuts parameters off, site for another'],
    ['T128', '/wiki%2fadmin', 400, 'wiki for a reader that decodes first, site for another'],
    ['T128', '/team%2fvault/admin', 400, 'the same of a mount of two segments, in another case'],
    ['T126', '/WIKI/admin', 400, 'wiki for the upstream, which folds case'],
    ['T126', '/Wiki/pub/x', 400, 'the same of a public path'],
    ['T126', '/TEAM/vault/admin', 400, 'a mount that is written in capitals folds as well'],
    ['T135', '/wiki./admin', 400, 'a name that the upstream takes for the mount'],
    ['T120', '/pub/../wiki/admin', 400, 'dot segments across mounts'],
    ['T116', '/wikipedia', 200, 'a longer name is not the mount'],
    ['T116', '/team/other', 200, 'part of a mount is not the mount'],
    ['T116', '/Team/Vault', 200, 'the mount itself, with a password'],
    ['T116', '/Team/Vault/admin/', 401, 'vault demands mfa there'],
  ];
  for (const [number, target, status, why] of ROWS) {
    it(`${number} ${target} is ${status}: ${why}`, async () => {
      const came = await attempt(target);
      const allowed = status === 200;
      assert.deepEqual(came, { status, upgraded: allowed ? 101 : status, passed: allowed ? 2 : 0 });
    });
  }
});
