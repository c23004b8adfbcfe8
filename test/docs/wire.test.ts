import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { AuditEvent } from '../../src/audit-event.ts';
import { acceptPath, parseTarget, STRICT_PATHS } from '../../src/core/canonical-path.ts';
import { DENY_WHYS } from '../../src/core/decide.ts';
import { CHALLENGE_WHYS } from '../../src/core/demand.ts';
import { encodeList, encodeValue, IDENTITY_HEADERS } from '../../src/core/identity-headers.ts';
import { ERRORS } from '../../src/errors.ts';
import { OWN_ROUTES } from '../../src/http/own-routes.ts';
import { createAccessLog } from '../../src/observe/access-log.ts';
import { createAudit } from '../../src/observe/audit.ts';
import { requestHeaders } from '../../src/proxy/request-headers.ts';
import { cookieNames, FLOW_SLOTS, isOwnCookie } from '../../src/sessions/cookies.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { code, codes, page, ROOT, rows } from './markdown.ts';

const WIRE = page('docs/wire.md');
const sourceOf = (path: string): string => readFileSync(join(ROOT, 'src', path), 'utf8');

describe('docs/wire.md', () => {
  it('has every row of the error table, and no other', () => {
    const written = rows(WIRE, 'word', 'status').map(([word, status, title, sentence]) => ({
      word: code(word),
      row: { status: Number(status), title, sentence },
    }));
    const known = Object.entries(ERRORS).map(([word, row]) => ({ word, row }));
    const byWord = (a: { word: string }, b: { word: string }): number => (a.word < b.word ? -1 : 1);
    assert.deepEqual(written.toSorted(byWord), known.toSorted(byWord));
  });

  it('says which words of the table are sent by nobody', () => {
    const others = globSync('**/*.ts', { cwd: join(ROOT, 'src') }).filter((path) => path !== 'errors.ts');
    const source = others.map(sourceOf).join('\n');
    const unused = Object.keys(ERRORS).filter((word) => !source.includes(`'${word}'`));
    const [, said = ''] = /^Not sent today[^:]*:(.*)$/m.exec(WIRE.text) ?? [];
    assert.deepEqual([...codes(said)].toSorted(), unused.toSorted());
  });

  it('has every reason of a challenge, and docs/policies.md those of refusals too', () => {
    assert.deepEqual(
      rows(WIRE, 'why', 'title').map(([why]) => code(why)),
      CHALLENGE_WHYS,
    );
    const reasons = rows(page('docs/policies.md'), 'why', 'answer');
    const named = (answer: string): readonly string[] =>
      reasons.filter((row) => row[1] === answer).map(([why]) => code(why));
    assert.deepEqual(named('challenge'), CHALLENGE_WHYS);
    assert.deepEqual(named('deny').toSorted(), DENY_WHYS.toSorted());
  });

  it('has every cookie', () => {
    const [session, seen, flows, browser] = rows(WIRE, 'cookie', 'life').map(([cell = '']) => codes(cell));
    const names = cookieNames('stepgate', true);
    assert.deepEqual(session, [names.session('PROVIDER'), '-1']);
    assert.equal(names.secondHalf('PROVIDER'), `${names.session('PROVIDER')}-1`);
    assert.deepEqual(seen, [names.seen('PROVIDER')]);
    assert.deepEqual(flows, [names.flow(0), `-${FLOW_SLOTS - 1}`]);
    assert.deepEqual(browser, [names.browser]);
    assert.ok(isOwnCookie('stepgate', 'stepgate') && isOwnCookie('__Secure-stepgate-x', 'stepgate'));
  });

  it('has every identity header, and so has docs/app-owners.md', () => {
    assert.deepEqual(
      rows(WIRE, 'header', 'value').map(([header]) => code(header)),
      IDENTITY_HEADERS,
    );
    const examples = rows(page('docs/app-owners.md'), 'header', 'example', 'decoded');
    assert.deepEqual(
      examples.map(([header]) => code(header)),
      IDENTITY_HEADERS,
    );
    for (const [header = '', example, decoded = ''] of examples) {
      if (header === '`X-Auth-Time`' || header === '`X-Auth-Assertion`') continue;
      const values = codes(decoded);
      const [only = ''] = values;
      const isList = /Groups|Levels|Amr/.test(header);
      assert.equal(isList ? encodeList(values) : encodeValue(only), code(example), header);
    }
  });

  it('has the request headers that are removed, and every family of them', () => {
    const [beginnings, ...others] = rows(WIRE, 'removed request headers').map(([, names = '']) => codes(names));
    const own = { withoutOwnCookies: (header: string) => header };
    const facts = { identity: [], clientIp: '', trustedPeer: false, host: 'x', scheme: 'https' } as const;
    const reaches = (name: string): boolean =>
      requestHeaders([name, 'probe'], '127.0.0.1', facts, own).headers.includes('probe');
    assert.ok(reaches('X-Own-Header'));
    for (const name of [...(beginnings ?? []).map((start) => `${start}probe`), ...others.flat()]) {
      assert.equal(reaches(name), false, name);
    }
    const [, families = ''] =
      /IDENTITY_PREFIXES = \[(.*?)\] as const/s.exec(sourceOf('proxy/request-headers.ts')) ?? [];
    assert.deepEqual(
      beginnings,
      [...families.matchAll(/'([^']+)'/g)].map((match) => match[1]),
    );
  });

  it('has examples of every check that finds a target ambiguous', () => {
    const windows = { ...STRICT_PATHS, windows: true };
    const refusedAs = (target: string): string => {
      const parsed = parseTarget(target);
      const accepted = 'refused' in parsed ? parsed : acceptPath(parsed, windows);
      return 'refused' in accepted ? accepted.refused : 'accepted';
    };
    const table = rows(WIRE, 'detail', 'for example').map(([detail, examples = '']) => ({
      detail: code(detail),
      targets: codes(examples).filter((example) => /^[/*]|^http/.test(example)),
    }));
    for (const { detail, targets } of table) {
      for (const target of targets) assert.equal(refusedAs(target.replace('\\xe9', '\xe9')), detail, target);
    }
    const [, words = ''] = /type PathRefusal =(.*?);/s.exec(sourceOf('core/canonical-path.ts')) ?? [];
    const ofGate = [...sourceOf('http/gate.ts').matchAll(/'ambiguous_request', \w+, '(\w+)'/g)].map(
      (match) => match[1] ?? '',
    );
    const early = ['http/server.ts', 'http/proxied.ts'].flatMap((file) =>
      [...sourceOf(file).matchAll(/recordAmbiguous\([^;]*?, '(\w+)'\)/g)].map((match) => match[1] ?? ''),
    );
    const known = new Set([...words.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '').concat(ofGate, early));
    assert.deepEqual(table.map(({ detail }) => detail).toSorted(), [...known].toSorted());
  });
});

/** An event with everything that one can have. */
const WHOLE: Required<AuditEvent> = {
  event: 'step_up_failed',
  why: 'no_rule',
  failure: 'subject_mismatch',
  detail: 'x',
  app: 'payroll',
  rule: 'payroll/x',
  requirement: ['mfa'],
  had: 'password',
  provider: 'corp',
  issuer: 'https://id.example.com',
  subject: 'alice',
  otherSubject: 'bob',
  family: 'x',
  requestId: 'x',
  clientIp: '127.0.0.1',
  method: 'GET',
  path: '/x',
  flow: 'x',
  would: 'allow',
  changed: 1,
  seen: 2,
  worldBefore: 'x',
};

describe('the documentation of logs', () => {
  const clock = { now: () => 0 };
  const firstCells = (from: Parameters<typeof rows>[0], ...head: readonly string[]): readonly string[] =>
    rows(from, ...head).flatMap(([cell = '']) => codes(cell));

  it('has every audit event', () => {
    const [, words = ''] = /type AuditEventName =(.*?);/s.exec(sourceOf('audit-event.ts')) ?? [];
    const known = [...words.matchAll(/'(\w+)'/g)].map((match) => match[1]);
    assert.deepEqual(firstCells(WIRE, 'event', 'when'), known);
  });

  it('has every member of an audit event', () => {
    let line = '';
    const write = (text: string): void => {
      line = text;
    };
    createAudit({ write, clock, world: () => 'x', key: Buffer.alloc(32), pathMode: 'plain' }).record(WHOLE);
    assert.deepEqual([...firstCells(WIRE, 'member', 'holds')].toSorted(), Object.keys(JSON.parse(line)).toSorted());
  });

  it('has every member of an access line', () => {
    let line = '';
    const write = (text: string): void => {
      line = text;
    };
    const none = { decision: null, rule: null, app: null, milliseconds: 0, bytes: 0 };
    createAccessLog(write, clock).record({ requestId: '', method: '', target: '/', host: '', status: 200, ...none });
    assert.deepEqual(firstCells(page('docs/operators.md'), 'field of an access line'), Object.keys(JSON.parse(line)));
  });
});

describe('what docs/wire.md says of a running gateway', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  const example = (word: string): Record<string, unknown> =>
    JSON.parse(WIRE.fences.find(({ words }) => words.includes(word))?.text ?? '{}');
  const shape = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shape)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]))
        : typeof value;

  it('has every route of ours, with its methods', () => {
    const table = rows(WIRE, 'route', 'methods').map(([route, methods = '']) => ({
      url: code(route),
      methods: methods.split(', '),
    }));
    assert.deepEqual(
      table.map(({ url }) => url),
      Object.values(OWN_ROUTES),
    );
    for (const { url, methods } of table) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
        assert.equal(stage.gateway.fastify.hasRoute({ url, method }), methods.includes(method), `${method} ${url}`);
      }
    }
  });

  it('has the challenge as it is sent', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const reply = await visitor.fetch('/fresh/x');
    const written = example('challenge');
    assert.deepEqual(shape(reply.json()), shape(written));
    assert.deepEqual({ ...reply.json(), step_up_url: 0, request_id: 0 }, { ...written, step_up_url: 0, request_id: 0 });
    const [, header] =
      /^WWW-Authenticate: (.*)$/m.exec(WIRE.fences.find(({ language }) => language === 'http')?.text ?? '') ?? [];
    assert.equal(reply.headers['www-authenticate'], header);
  });

  it('has the session as it is told', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor, '/admin/x');
    assert.deepEqual(shape((await visitor.fetch('/.stepgate/session')).json()), shape(example('session')));
    assert.deepEqual((await stage.visitor().fetch('/.stepgate/session')).json(), { signed_in: false });
  });
});

describe('docs/design.md', () => {
  it('has every part of src, in the order in which they may import each other', () => {
    const written = rows(page('docs/design.md'), 'part of `src/`').map(([part]) => code(part).replace(/\/$/, ''));
    assert.deepEqual(written.toSorted(), readdirSync(join(ROOT, 'src')).toSorted());
    const house = readFileSync(join(ROOT, 'test/house.test.ts'), 'utf8');
    const [, rooms = ''] = /const ROOMS = \[(.*?)\]/s.exec(house) ?? [];
    assert.deepEqual(
      written,
      [...rooms.matchAll(/'([^']+)'/g)].map((match) => match[1]),
    );
  });
});
