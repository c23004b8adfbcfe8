import assert from 'node:assert/strict';
import type { FakeOpScript } from './fake-op.ts';
import { type Stage, type StageOptions, startStage } from './stage.ts';
import type { Reply, Visitor } from './visitor.ts';

/** Name of the session's cookie on a plain http stage. */
export const SESSION_COOKIE = 'stepgate-corp';
/** Names of the flows' cookies on a plain http stage. */
export const FLOW_COOKIE = /^stepgate-flow-\d$/;

/** Noon of an ordinary day, milliseconds: for `mock.timers.enable({apis: ['Date'], now: NOON})`. */
export const NOON = Date.UTC(2026, 10, 23, 12, 0, 0);

/** Everything that can be seen of a person's session from outside. */
export async function seenOf(stage: Stage, visitor: Visitor): Promise<Record<string, unknown>> {
  const home = await visitor.fetch('/home');
  const session = (await visitor.fetch('/.stepgate/session')).json();
  const received = home.status === 200 ? stage.upstream.received.at(-1) : undefined;
  const told = Object.entries(received?.headers ?? {}).filter(([name]) => name.startsWith('x-auth-'));
  return { session, home: home.status, told: Object.fromEntries(told), cookie: visitor.jar.get(SESSION_COOKIE) };
}

/** Runs an attack, after which the session must be what it was: person, levels, times, the cookie itself. */
export async function unharmed<T>(stage: Stage, visitor: Visitor, attack: () => Promise<T>): Promise<T> {
  const before = await seenOf(stage, visitor);
  const result = await attack();
  assert.deepEqual(await seenOf(stage, visitor), before, 'the session is not what it was');
  return result;
}

/** The trip ended on a page that says why, and in the audit log by the same word; it leads nowhere by itself. */
export function assertEnded(stage: Stage, reply: Reply, status: number, failure: string): void {
  assert.equal(reply.status, status, reply.text || String(reply.location));
  assert.match(reply.text, new RegExp(`<dd>${failure}</dd>`));
  assert.equal(reply.location, null);
  assert.doesNotMatch(reply.text, /http-equiv/i);
  assert.equal(reply.headers['cache-control'], 'no-store');
  assert.match(String(reply.headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/);
  const event = stage.events().at(-1);
  assert.equal(event?.event, 'step_up_failed');
  assert.equal(event?.failure, failure);
}

/** Path and query of a URL, as a browser puts them on the wire. */
export const targetOf = (url: URL | string): string => {
  const { pathname, search } = new URL(url);
  return pathname + search;
};

/** The step-up URL that a fetch of `/admin/people` is told, as a request target. */
export async function stepUpUrl(visitor: Visitor, referer?: string): Promise<string> {
  const reply = await visitor.fetch('/admin/people', { headers: referer === undefined ? {} : { referer } });
  assert.equal(reply.status, 401);
  return targetOf(String(reply.json().step_up_url));
}

/** Opens a page and goes as far as the provider's redirect back: the callback's request target, not opened yet. */
export async function departAndAnswer(stage: Stage, visitor: Visitor, page: string): Promise<string> {
  const redirect = await visitor.open(page);
  assert.equal(redirect.status, 303, redirect.text);
  return targetOf(await stage.op.visit(redirect.location ?? ''));
}

/** Follows redirects as a browser does, through provider and gateway, until a page. A chain of 20 is a loop. */
export async function browse(
  stage: Stage,
  visitor: Visitor,
  target: string,
  open: (target: string) => Promise<Reply> = visitor.open,
): Promise<{ readonly reply: Reply; readonly trips: number }> {
  let reply = await open(target);
  let trips = 0;
  for (let hops = 0; reply.status === 303; hops += 1) {
    assert.ok(hops < 20, 'a loop');
    const location = new URL(reply.location ?? '');
    if (location.origin === stage.op.issuer) {
      trips += 1;
      reply = await open(targetOf(await stage.op.visit(location.href)));
    } else {
      assert.equal(location.origin, stage.origin);
      reply = await open(targetOf(location));
    }
  }
  return { reply, trips };
}

/** A second browser with the same cookies. */
export function copyOf(stage: Stage, visitor: Visitor): Visitor {
  const copy = stage.visitor();
  for (const [name, value] of visitor.jar) copy.jar.set(name, value);
  return copy;
}

/** What reached the upstream below a path. */
export const reached = (stage: Stage, path: string): number =>
  stage.upstream.received.filter(({ target }) => target.startsWith(path)).length;

/** Sends the sign-out form as the page's own button does, unless said otherwise. */
export async function postSignOut(
  stage: Stage,
  visitor: Visitor,
  token: string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return visitor.open('/.stepgate/sign-out', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: stage.origin,
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: `token=${encodeURIComponent(token)}`,
  });
}

/** The token in the sign-out page that this browser is shown. */
export async function signOutToken(visitor: Visitor): Promise<string> {
  const asked = await visitor.open('/.stepgate/sign-out');
  assert.equal(asked.status, 200);
  return /name="token" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
}

/** A stage whose provider's script a test may bend: `straighten` puts it back. */
export async function startBentStage(options?: StageOptions): Promise<Stage & { straighten(): void }> {
  const stage = await startStage(options);
  const start: FakeOpScript = { ...stage.op.script };
  return { ...stage, straighten: () => void Object.assign(stage.op.script, start) };
}

/** The page after a sign-out that leads nowhere by itself and names no other place. */
export function assertSignedOutPlainly(reply: Reply): void {
  assert.equal(reply.status, 200);
  assert.match(reply.text, /You are signed out/);
  assert.doesNotMatch(reply.text, /http-equiv|https?:\/\//);
}
