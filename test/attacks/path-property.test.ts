import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type PathApp, pathGateway, pathPolicies } from '../support/path-apps.ts';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { webSocketStatus } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';

/** Pieces of which attacks on paths are made. */
const PIECES = [
  ...['/', '/', '/', '//', '/.', '/..', '/../', '/./', '%2f', '%2F', '%252f', '\\', '%5c', '%255c'],
  ...['admin', 'admin', 'ADMIN', '%61dmin', '%2561dmin', 'adm%69n', 'closed', 'Closed', 'pub', 'pub', 'PUB', 'x'],
  ...['.', '..', '%2e', '%2E%2e', '%252e', '%c0%ae', '%u002e', ';', ';x=1', '%3b', '%253b', ';jsessionid=1'],
  ...['%00', '%0d', '%20', '%', '%25', '?', '%3f', '#', '%23', '*', '@', ':', '~1', '%c3%a9', '%ef%bc%8f', '&', '+'],
];
const noise = fc.constantFrom(...PIECES);
const folders = fc.constantFrom('admin', 'admin', 'closed', 'pub', 'pub', 'ADMIN', '%61dmin', 'p%75b', 'x');
const separators = fc.constantFrom('%2f', '%2F', '%252f', '//', ';x/', ';/', '/./', '/../', '\\', '%5c', '%00/', './');
const targets = fc.oneof(
  fc.array(noise, { minLength: 1, maxLength: 9 }).map((pieces) => `/${pieces.join('')}`),
  // Near to something that is allowed: most of what reaches the upstream.
  fc.tuple(folders, noise, folders, noise, folders).map(([a, b, c, d, e]) => `/${a}/${b}${c}/x${d}${e}`),
  fc.tuple(folders, noise, folders).map(([a, b, c]) => `/${a}${b}${c}`),
  fc.tuple(folders, separators, folders).map(([a, b, c]) => `/${a}${b}${c}`),
);

/** One way in which a careless upstream may read a path. Written without a look at how the gateway reads it. */
interface Reader {
  readonly cutsParameters: 'first' | 'last' | 'never';
  readonly decodes: 0 | 1 | 2;
  readonly backslash: boolean;
  readonly folds: boolean;
}

const READERS: readonly Reader[] = (['first', 'last', 'never'] as const).flatMap((cutsParameters) =>
  ([0, 1, 2] as const).flatMap((decodes) =>
    [true, false].flatMap((backslash) => [true, false].map((folds) => ({ cutsParameters, decodes, backslash, folds }))),
  ),
);

/** The folder a reader finds behind the root: `admin`, `closed`, `pub` or something else. */
function firstFolder(target: string, reader: Reader): string {
  let path = target.replace(/[?#].*$/s, '');
  const cut = (text: string): string => text.replace(/;[^/]*/g, '');
  if (reader.cutsParameters === 'first') path = cut(path);
  for (let round = 0; round < reader.decodes; round++) {
    path = path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  if (reader.backslash) path = path.replaceAll('\\', '/');
  if (reader.cutsParameters === 'last') path = cut(path);
  if (reader.folds) path = path.toLowerCase();
  const stack: string[] = [];
  for (const segment of path.split('/')) {
    const name = reader.folds ? segment.replace(/[. ]+$/, '') : segment;
    if (segment === '..') stack.pop();
    else if (segment !== '.' && name !== '') stack.push(name.replace(/\0.*$/s, ''));
  }
  return stack[0] ?? '';
}

const STRICT: PathApp = { name: 'site', mount: '/', paths: '{}' };
const LAX: PathApp = {
  ...STRICT,
  paths: '{encoded_slash: allow, double_slash: merge, parameters: allow, windows: true}',
};

for (const [what, app, readers, runs] of [
  ['strictly', STRICT, READERS.filter((reader) => !reader.folds), 400],
  ['as one on Windows', LAX, READERS, 400],
] as const) {
  describe(`an app whose paths are read ${what}`, () => {
    let stage: Stage;
    let jar: ReadonlyMap<string, string> = new Map();
    before(async () => {
      stage = await startStage({ policies: pathPolicies([app]), gateway: pathGateway([app]) });
      const alice = stage.visitor();
      await stage.signIn(alice);
      assert.equal((await alice.open('/home')).status, 200);
      jar = alice.jar;
    });
    after(() => stage.stop());

    /** What reached the upstream of one request: nothing, or the one target it was forwarded with. */
    async function forwarded(target: string, cookies: ReadonlyMap<string, string>, upgrade: boolean) {
      const before = stage.upstream.received.length;
      const host = new URL(stage.origin).host;
      const lines = cookieLines(cookies);
      const status = upgrade
        ? await webSocketStatus(stage.port, target, { host, origin: stage.origin, lines })
        : (await sendBytes(stage.port, requestBytes(target, { host, lines }))).reply.status;
      const seen = stage.upstream.received.slice(before).map((request) => request.target);
      assert.ok([101, 200, 400, 401, 403, 404].includes(status), `${target} came to ${status}`);
      assert.equal(seen.length, status === 200 || status === 101 ? 1 : 0, target);
      return seen[0];
    }

    it('T116–T136 whatever reaches the upstream is allowed to that person, however the upstream reads it', async () => {
      let reached = 0;
      const property = fc.asyncProperty(targets, fc.boolean(), fc.boolean(), async (target, signedIn, upgrade) => {
        const seen = await forwarded(target, signedIn ? jar : new Map(), upgrade);
        if (seen === undefined) return;
        reached += 1;
        for (const reader of readers) {
          const folder = firstFolder(seen, reader);
          const open = signedIn ? folder !== 'admin' && folder !== 'closed' : folder.toLowerCase() === 'pub';
          assert.ok(open, `${target} was forwarded as ${seen}, which is below /${folder} to ${JSON.stringify(reader)}`);
        }
      });
      await fc.assert(property, { numRuns: runs });
      assert.ok(reached > 20, 'some targets are allowed');
    });
  });
}
