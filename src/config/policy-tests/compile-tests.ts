import { METHODS } from 'node:http';
import { parseTarget } from '../../core/canonical-path.ts';
import type { Ladder } from '../../core/ladder.ts';
import { OWN_SEGMENT } from '../../core/return-url.ts';
import type { RunningApp } from '../compile-gateway-apps.ts';
import type { DemandedApp, GatewaySide } from '../compile-policy-apps.ts';
import type { Findings } from '../findings.ts';
import { suggest } from '../nearest.ts';
import { bodyLikely, type Scenario } from '../scenario.ts';
import { readShape } from '../shape.ts';
import { below, keysAt, lengthAt, placeOf, type SourceFile, top, valueAt, type Where } from '../source-file.ts';
import { type Expectation, parseExpectation } from './expectation.ts';
import { checkHeaders, merge, personOf } from './given.ts';
import type { PolicyTest } from './policy-test.ts';
import { type GivenEntry, givenSchema, type TestEntry, testSchema } from './test-schema.ts';

/** A test, and where it is written: for those who have its file. */
export interface WrittenTest {
  readonly test: PolicyTest;
  readonly where: Where;
}

/** What tests are compiled against. */
export interface TestContext {
  readonly ladder: Ladder;
  /** Null where gateway.yaml could not be read. */
  readonly gateway: GatewaySide | null;
  /** What policies.yaml says of each app, and the file that it has of its own, if it has one. */
  readonly apps: ReadonlyMap<string, Pick<DemandedApp, 'file'>>;
}

/** As many tests as one configuration may have, those in files of apps included: every reload runs all of them. */
export const MAX_TESTS = 10_000;

/** Compiles the tests of policies.yaml and of the files of its apps, in this order. */
export function compileTests(policies: SourceFile, context: TestContext, findings: Findings): readonly WrittenTest[] {
  const given = readGiven(policies, context.gateway, findings);
  const apps = keysAt(below(top(policies), 'apps'));
  const lists = [{ list: below(top(policies), 'tests'), of: null as string | null }];
  for (const [app, { file }] of context.apps)
    if (file !== null) lists.push({ list: below(top(file), 'tests'), of: app });
  const tests: WrittenTest[] = [];
  let count = 0;
  for (const { list, of } of lists) {
    for (let i = 0; i < lengthAt(list); i++) {
      count++;
      const where = below(list, i);
      if (count > MAX_TESTS) {
        findings.problem(where, 'too-many-tests', `at most ${MAX_TESTS} tests are possible`);
        return tests;
      }
      const test = compileTest(where, of, given, apps, context, findings);
      if (test !== null) tests.push({ test, where });
    }
  }
  return tests;
}

function readGiven(policies: SourceFile, gateway: GatewaySide | null, findings: Findings): GivenEntry {
  const where = below(top(policies), 'given');
  if (valueAt(where) === undefined) return {};
  const given = readShape(givenSchema, where, findings) ?? {};
  checkHeaders(given, where, findings);
  const provider = given.user?.provider;
  if (provider !== undefined && gateway !== null && !gateway.providers.has(provider)) {
    const hint = suggest(provider, gateway.providers.keys());
    findings.problem(below(where, 'user', 'provider'), 'unknown-provider', `there is no provider "${provider}"`, hint);
  }
  return given;
}

/** @param of - the app whose file it stands in; null in policies.yaml */
function compileTest(
  where: Where,
  of: string | null,
  given: GivenEntry,
  apps: readonly string[],
  { ladder, gateway }: TestContext,
  findings: Findings,
): PolicyTest | null {
  const entry = readShape(testSchema, where, findings);
  if (entry === null) return null;
  const app = appOf(entry, of, apps, where, findings);
  const expect = expectationOf(entry, ladder, where, findings);
  const request = requestOf(entry, where, findings);
  checkHeaders(entry, where, findings);
  if (app === null) return null;
  const running = gateway?.apps.get(app) ?? null;
  const provider = running?.entry.provider ?? null;
  const provable = (provider === null ? null : gateway?.providers.get(provider)?.provable) ?? null;
  const merged = merge(given, entry);
  const person = personOf(entry, merged, where, { app, ladder, provider, provable }, findings);
  if (expect === null || request === null) return null;
  if (running !== null && gateway !== null) checkPlace(request.target, running, gateway, where, findings);
  const { clientIp, userAgent, headers, at } = merged;
  const hasBody = bodyLikely(request.method, headers);
  const scenario: Scenario = { ...request, headers, userAgent, hasBody, clientIp, person, at };
  return { name: entry.name ?? `${entry.request}: ${entry.expect}`, app, scenario, expect, place: placeOf(where) };
}

function appOf(
  entry: TestEntry,
  of: string | null,
  apps: readonly string[],
  where: Where,
  findings: Findings,
): string | null {
  const place = below(where, 'app');
  if (of !== null) {
    if (entry.app === undefined || entry.app === of) return of;
    findings.problem(
      place,
      'contradiction',
      `this is the file of "${of}", and its tests are about that`,
      'leave it out',
    );
    return null;
  }
  if (entry.app === undefined) {
    findings.problem(place, 'missing-key', '"app" is missing', suggest('', apps));
    return null;
  }
  if (apps.includes(entry.app)) return entry.app;
  findings.problem(place, 'unknown-app', `there is no app "${entry.app}"`, suggest(entry.app, apps));
  return null;
}

function expectationOf(entry: TestEntry, ladder: Ladder, where: Where, findings: Findings): Expectation | null {
  const expect = parseExpectation(entry.expect, ladder);
  if ('kind' in expect) return expect;
  findings.problemInText(below(where, 'expect'), expect.index, 'wrong-value', expect.message, expect.hint);
  return null;
}

const COMMON_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Reads `POST /runs/7/approve?x=1`. */
function requestOf(
  { request }: TestEntry,
  where: Where,
  findings: Findings,
): Pick<Scenario, 'method' | 'target'> | null {
  const place = below(where, 'request');
  const [, method = '', target = ''] = /^(\S+) (\S+)$/.exec(request) ?? [];
  if (method === '') {
    findings.problem(
      place,
      'wrong-value',
      'this is no request',
      'write method and path, such as GET /reports?year=2026',
    );
    return null;
  }
  if (!METHODS.includes(method)) {
    const hint = suggest(method, COMMON_METHODS);
    findings.problem(place, 'unknown-method', `"${method}" is not a method`, hint);
    return null;
  }
  if (!target.startsWith('/')) {
    const hint = 'the path in the address bar: the app says on which origin';
    findings.problemInText(place, method.length + 1, 'bad-path', 'a path starts with "/"', hint);
    return null;
  }
  return { method, target };
}

/** Reports a path that the gateway would take to another app, or to none. Where it would refuse it, the test says so. */
function checkPlace(target: string, running: RunningApp, gateway: GatewaySide, where: Where, findings: Findings): void {
  const parsed = parseTarget(target);
  if ('refused' in parsed) return;
  const { segments } = parsed;
  const report = (id: 'path-reserved' | 'path-outside-mount', message: string): void =>
    findings.problemInText(below(where, 'request'), requestPathIndex(where), id, message);
  if (segments[0]?.toLowerCase() === OWN_SEGMENT) {
    report('path-reserved', `/${OWN_SEGMENT} belongs to the gateway and never reaches an app`);
    return;
  }
  const owner = ownerOf(segments, running, gateway);
  if (owner === running) return;
  const whose = owner === null ? `it is mounted at /${running.mount.join('/')}` : `this is of "${owner.name}"`;
  report('path-outside-mount', `this path is none of "${running.name}": ${whose}`);
}

const requestPathIndex = (where: Where): number => String(valueAt(below(where, 'request'))).indexOf(' ') + 1;

/** Whose path it is, among the apps that share an origin: that of the longest mount. */
function ownerOf(segments: readonly string[], app: RunningApp, { apps }: GatewaySide): RunningApp | null {
  const origin = app.entry.origins[0]?.origin;
  let owner: RunningApp | null = null;
  for (const other of apps.values()) {
    if (other === null || !other.entry.origins.some((its) => its.origin === origin)) continue;
    if (other.mount.length > segments.length || other.mount.some((segment, i) => segment !== segments[i])) continue;
    if (owner === null || other.mount.length > owner.mount.length) owner = other;
  }
  return owner;
}
