import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PathApp, pathGateway } from '../support/path-apps.ts';
import { requestBytes, sendBytes } from '../support/raw-http.ts';
import { type Stage, startStage } from '../support/stage.ts';

const APPS: readonly PathApp[] = [
  { name: 'slash', paths: '{encoded_slash: allow}' },
  { name: 'params', paths: '{parameters: allow}' },
  { name: 'win', paths: '{windows: true}' },
];

/** A floor over every app, with exceptions; where it has no say everything is public. */
const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
floors:
  - id: all
    when: client.ip != "192.0.2.1"
    require: password
    except: [{path: "/*/open/**"}, {app: slash, path: /slash/files/*}, {app: win, path: /win/Assets/**}]
apps:
${APPS.map(({ name }) => `  ${name}: {rules: [{id: all, public: true}]}\n`).join('')}`;

const ROWS: readonly (readonly [number: string, target: string, nobody: number])[] = [
  ['T179', '/slash/open/a', 200],
  ['T179', '/slash/a', 401],
  // Of two readings one is excepted: the floor has its say.
  ['T179', '/slash/open%2fa', 401],
  ['T179', '/slash/x%2fopen', 401],
  ['T179', '/slash/files/a', 200],
  ['T179', '/slash/files/a%2fb', 401],
  ['T179', '/params/open;x/a', 401],
  ['T179', '/params/open/a;x', 200],
  ['T179', '/params/open;x%2fa', 400],
  ['T179', '/params/a;/open/b', 401],
  ['T179', '/win/assets/a', 200],
  ['T179', '/win/ASSETS/a', 200],
  ['T179', '/win/assets./a', 400],
  ['T179', '/win/OPEN/a', 200],
  ['T179', '/win/opens/a', 401],
];

describe('an exception of a floor is one only where every reading of the path is', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ policies: POLICIES, gateway: pathGateway(APPS) });
  });
  after(() => stage.stop());

  for (const [number, target, nobody] of ROWS) {
    it(`${number} GET ${target}: ${nobody}`, async () => {
      const bytes = requestBytes(target, { host: new URL(stage.origin).host });
      assert.equal((await sendBytes(stage.port, bytes)).reply.status, nobody);
    });
  }
});
