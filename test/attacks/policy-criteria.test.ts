import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
floors:
  - {id: below, path: /floor/**, require: mfa, except: [{app: payroll, path: /floor/open/**, methods: read}]}
  - {id: local, path: /local/**, when: request.host.startsWith("localhost:"), require: mfa}
apps:
  payroll:
    require: password
    rules:
      - {id: write, path: /transfer/**, methods: write, require: mfa}
      - {id: posted, path: /posted/**, when: request.method != "GET", require: mfa}
      - {id: delete, path: /records/**, query: {do: delete}, require: mfa}
      - {id: form, path: /form/**, param: {do: delete}, require: mfa}
      - {id: view, path: /view/**, methods: [GET, POST], param: {do: view}, public: true}
      - {id: look, path: /look/**, query: {do: view}, public: true}
      - {id: floor, path: /floor/open/**, public: true}
      - {id: hr, path: /hr/**, only: '"hr" in user.groups', require: password}
      - {id: guests, path: /guests/**, when: '!("blocked" in user.groups)', public: true}
      - {id: unmarked, path: /unmarked/**, when: "!has(user.claims.blocked)", public: true}
      - {id: nobody, path: /nobody/**, when: session.level == "", public: true}
      - {id: either, path: /either/**, when: '!("blocked" in user.groups) || request.headers["x-a"] == "b"', public: true}
`;

/** Nobody, and Alice who has proven a password: the statuses that each gets. */
type Row = readonly [number: string, line: string, nobody: number, alice: number, body?: string];

const ROWS: readonly Row[] = [
  // Rules about methods hold for all methods, known or not.
  ['T176', 'GET /transfer', 401, 200],
  ['T176', 'HEAD /transfer', 401, 200],
  ['T176', 'OPTIONS /transfer', 401, 200],
  ['T176', 'POST /transfer', 401, 401],
  ['T176', 'PATCH /transfer', 401, 401],
  ['T176', 'PURGE /transfer', 401, 401],
  ['T176', 'PROPFIND /transfer', 401, 401],
  ['T176', 'QUERY /transfer', 401, 401],
  ['T176', 'post /transfer', 400, 400],
  ['T176', 'Get /transfer', 400, 400],
  ['T176', 'FOO /transfer', 400, 400],
  ['T176', 'GET /posted', 401, 200],
  ['T176', 'HEAD /posted', 401, 200],
  ['T176', 'PURGE /posted', 401, 401],
  ['T176', 'post /posted', 400, 400],
  ['T176', 'GET /posted?_method=POST', 400, 400],
  // Rules about the query hold however an upstream may read it.
  ['T177', 'GET /records/7?do=view', 401, 200],
  ['T177', 'GET /records/7?do=delete', 401, 401],
  ['T177', 'GET /records/7?DO=delete', 401, 401],
  ['T177', 'GET /records/7?do=DELETE', 401, 401],
  ['T177', 'GET /records/7?do=delete%20', 401, 401],
  ['T177', 'GET /records/7?do=delete%00', 401, 401],
  ['T177', 'GET /records/7?do=view&do=delete', 401, 401],
  ['T177', 'GET /records/7?do[]=delete', 401, 401],
  ['T177', 'GET /records/7?do[0]=delete', 401, 401],
  ['T177', 'GET /records/7?do%5B%5D=delete', 401, 401],
  ['T177', 'GET /records/7?do.x=delete', 401, 401],
  ['T177', 'GET /records/7?do:list=delete', 401, 401],
  ['T177', 'GET /records/7?_do=delete', 401, 401],
  ['T177', 'GET /records/7?x=1;do=delete', 401, 401],
  ['T177', 'GET /records/7?%64%6F=delete', 401, 401],
  ['T177', 'GET /records/7?do=%64elete', 401, 401],
  ['T177', 'GET /records/7?do=%2564elete', 401, 401],
  ['T177', 'GET /records/7?%2564o=delete', 401, 401],
  ['T177', 'GET /records/7?do=delete&x=%zz', 401, 401],
  ['T177', 'GET /records/7?%EF%BD%84o=delete', 401, 401],
  ['T177', 'POST /form/7?do=view', 401, 401, 'do=delete'],
  ['T177', 'POST /form/7', 401, 401, 'do=delete'],
  // What is public by a parameter is so by exactly one, and no body may have another.
  ['T177', 'GET /look/7?do=view', 200, 200],
  ['T177', 'GET /look/7?do=view&do=delete', 401, 200],
  ['T177', 'GET /look/7?do=view&DO=delete', 401, 200],
  ['T177', 'GET /look/7?do=view;do=delete', 401, 200],
  ['T177', 'GET /look/7?do=view&do[0]=delete', 401, 200],
  ['T177', 'POST /view/7?do=view', 200, 200],
  ['T177', 'POST /view/7?do=view', 401, 200, 'do=delete'],
  // An exception of a floor is for its paths and methods alone, in whatever spelling.
  ['T178', 'GET /floor/open/a', 200, 200],
  ['T178', 'GET /floor/%6fpen/a', 200, 200],
  ['T178', 'POST /floor/open/a', 401, 401],
  ['T178', 'GET /floor/opened/a', 401, 401],
  ['T178', 'GET /floor/OPEN/a', 401, 401],
  ['T178', 'GET /floor/open%2fa', 400, 400],
  ['T178', 'GET /floor/open/..;/a', 400, 400],
  ['T178', 'GET /floor/open/%2e%2e/a', 400, 400],
  ['T178', 'GET /floor//open/a', 400, 400],
  ['T178', 'GET /floor/x?/floor/open/a', 401, 401],
  // What is said of persons is not true of nobody.
  ['T181', 'GET /hr/a', 401, 403],
  ['T181', 'GET /guests/a', 401, 200],
  ['T181', 'GET /unmarked/a', 401, 200],
  ['T181', 'GET /nobody/a', 401, 200],
  ['T181', 'GET /either/a', 401, 200],
];

describe('what rules and floors are about cannot be talked around', () => {
  let stage: Stage;
  let alice: Visitor;
  before(async () => {
    stage = await startStage({ policies: POLICIES });
    stage.op.script.person.groups = ['staff'];
    alice = stage.visitor();
    await stage.signIn(alice, '/home');
  });
  after(() => stage.stop());

  async function attempt(line: string, jar: ReadonlyMap<string, string>, body = '', host = new URL(stage.origin).host) {
    const [method = '', target = ''] = line.split(' ');
    const count = stage.upstream.received.length;
    const form = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`];
    const lines = [...cookieLines(jar), ...(body === '' ? [] : form)];
    const { reply } = await sendBytes(stage.port, requestBytes(target, { method, host, lines, body }));
    const reached = stage.upstream.received.length - count;
    assert.equal(reached, reply.status === 200 ? 1 : 0, 'only what is allowed reaches the upstream');
    return reply.status;
  }

  for (const [number, line, nobody, known, body] of ROWS) {
    it(`${number} ${line}${body === undefined ? '' : ` with ${body}`}: ${nobody} for nobody, ${known} for Alice`, async () => {
      assert.deepEqual([await attempt(line, new Map(), body), await attempt(line, alice.jar, body)], [nobody, known]);
    });
  }

  for (const header of ['X-HTTP-Method-Override: POST', 'X-HTTP-Method: POST', 'x-method-override: POST']) {
    it(`T176 ${header} is refused where only a condition looks at the method`, async () => {
      const { host } = new URL(stage.origin);
      const policies = POLICIES.replace(/^ *- .*methods:.*\n/gm, '').replace(/^ *- .*public: true.*\n/gm, '');
      assert.equal(await stage.reload({ policies }), true);
      const count = stage.upstream.received.length;
      const bytes = requestBytes('/posted/x', { host, lines: [...cookieLines(alice.jar), header] });
      assert.equal((await sendBytes(stage.port, bytes)).reply.status, 400);
      assert.equal(stage.upstream.received.length, count);
      assert.equal(await stage.reload(), true);
    });
  }
});

describe('T180 a condition on the host', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ policies: POLICIES, hostname: 'localhost' });
  });
  after(() => stage.stop());

  for (const spelt of [
    'localhost',
    'LOCALHOST',
    'LocalHost',
    'localhost.',
    'localhost@x',
    'x@localhost',
    '127.0.0.1',
  ]) {
    it(`T180 holds for whatever is served as ${spelt}, or it is not served`, async () => {
      const alice = stage.visitor();
      await stage.signIn(alice, '/home');
      const lines = cookieLines(alice.jar);
      const bytes = (target: string) => requestBytes(target, { host: `${spelt}:${stage.port}`, lines });
      const statuses = await Promise.all(
        ['/home', '/local/x'].map(async (target) => (await sendBytes(stage.port, bytes(target))).reply.status),
      );
      const served = spelt.toLowerCase() === 'localhost';
      assert.equal(statuses[0] === 200, served);
      assert.ok(served ? statuses[1] === 401 : (statuses[1] ?? 0) >= 400, String(statuses));
    });
  }
});
