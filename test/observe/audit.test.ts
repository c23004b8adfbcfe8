import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AuditEvent } from '../../src/audit-event.ts';
import { type AuditOptions, createAudit } from '../../src/observe/audit.ts';
import { disturbs, HOSTILE, leaked, SECRETS } from './secrets.ts';

const STEP_UP: AuditEvent = {
  event: 'step_up_failed',
  why: 'insufficient_level',
  failure: 'subject_mismatch',
  detail: 'the provider answered for someone else',
  app: 'payroll',
  rule: 'payroll/approve',
  requirement: ['passkey 300s', 'password'],
  had: 'mfa',
  provider: 'corp',
  issuer: 'https://id.example.com',
  subject: 'alice',
  otherSubject: 'bob',
  family: 'family-of-alice',
  requestId: 'request-1',
  clientIp: '192.0.2.9',
  method: 'POST',
  path: '/runs/7/approve',
  flow: 'flow-1',
};

function written(event: AuditEvent, options: Partial<AuditOptions> = {}): string {
  const lines: string[] = [];
  createAudit({
    write: (line) => lines.push(line),
    clock: { now: () => 1_790_000_000 },
    world: () => 'hash-of-both-files',
    key: Buffer.alloc(32, 7),
    pathMode: 'hash',
    ...options,
  }).record(event);
  assert.equal(lines.length, 1);
  return lines[0] ?? '';
}

const parsed = (event: AuditEvent, options?: Partial<AuditOptions>): Record<string, unknown> =>
  JSON.parse(written(event, options));

it('writes one JSON line with the members of an audit event, in a fixed order', () => {
  const line = parsed(STEP_UP);
  assert.deepEqual(Object.keys(line), [
    'time',
    'event',
    'why',
    'failure',
    'detail',
    'app',
    'rule',
    'requirement',
    'had',
    'provider',
    'subject_hash',
    'other_subject_hash',
    'family_hash',
    'request_id',
    'client_ip',
    'method',
    'path_hash',
    'world',
    'flow',
  ]);
  assert.equal(line.time, '2026-09-21T14:13:20.000Z');
  assert.deepEqual(line.requirement, ['passkey 300s', 'password']);
  assert.equal(line.world, 'hash-of-both-files');
});

it('leaves out what an event does not have', () => {
  assert.deepEqual(Object.keys(parsed({ event: 'started' })), ['time', 'event', 'world']);
});

it('shows persons, families and paths only as hashes of 128 bits', () => {
  const text = written(STEP_UP);
  for (const value of ['alice', 'bob', '/runs', 'id.example.com']) assert.equal(text.includes(value), false, value);
  const line = JSON.parse(text);
  for (const name of ['subject_hash', 'other_subject_hash', 'family_hash', 'path_hash']) {
    assert.match(line[name], /^[\w-]{22}$/, name);
  }
});

it('gives equal persons equal hashes, and different ones under another issuer, name or key', () => {
  const hash = (changed: Partial<AuditEvent>, options?: Partial<AuditOptions>) =>
    parsed({ ...STEP_UP, ...changed }, options).subject_hash;
  assert.equal(hash({}), hash({ path: '/other' }));
  assert.equal(hash({}), parsed({ ...STEP_UP, subject: 'x', otherSubject: 'alice' }).other_subject_hash);
  const hashes = [
    hash({}),
    hash({ subject: 'bob' }),
    hash({ issuer: 'https://other.example.com' }),
    hash({ issuer: 'https://id.example.co', subject: 'malice' }),
    hash({}, { key: Buffer.alloc(32, 8) }),
    parsed({ ...STEP_UP, family: 'alice' }).family_hash,
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

it('shows the path where that was chosen, never its query', () => {
  const event: AuditEvent = { ...STEP_UP, path: `/callback/corp?code=${SECRETS.code}` };
  const line = parsed(event, { pathMode: 'plain' });
  assert.equal(line.path, '/callback/corp');
  assert.equal('path_hash' in line, false);
  assert.equal(parsed(event).path_hash, parsed({ ...STEP_UP, path: '/callback/corp' }).path_hash);
});

it('stays one harmless line of bounded length whatever the client sends', () => {
  const event: AuditEvent = {
    event: 'deny',
    why: HOSTILE,
    detail: HOSTILE,
    app: HOSTILE,
    rule: HOSTILE,
    requirement: [HOSTILE],
    had: HOSTILE,
    provider: HOSTILE,
    requestId: HOSTILE,
    clientIp: HOSTILE,
    method: HOSTILE,
    path: `/${HOSTILE}`,
    flow: HOSTILE,
  };
  const line = written(event, { pathMode: 'plain' });
  assert.equal(disturbs(line), false);
  for (const value of Object.values(JSON.parse(line))) assert.equal(disturbs(String(value)), false);

  const long = 'x'.repeat(100_000);
  const huge = Object.fromEntries(Object.keys(event).map((name) => [name, long]));
  const requirement = Array.from({ length: 1000 }, () => long);
  assert.ok(written({ ...huge, event: 'deny', requirement, path: `/${long}` }, { pathMode: 'plain' }).length < 20_000);
});

it('shows nothing that an event has beyond its known members', () => {
  const event: AuditEvent = Object.assign({ ...STEP_UP }, SECRETS, {
    headers: { cookie: SECRETS.cookie },
    query: 'hunter2',
  });
  assert.deepEqual(leaked(written(event, { pathMode: 'plain', key: Buffer.from(SECRETS.key) })), []);
});

it('names the configuration that was in force when it happened', () => {
  let world = 'old';
  const lines: string[] = [];
  const audit = createAudit({
    write: (line) => lines.push(line),
    clock: { now: () => 0 },
    world: () => world,
    key: Buffer.alloc(32),
    pathMode: 'hash',
  });
  audit.record({ event: 'started' });
  world = 'new';
  audit.record({ event: 'stopped' });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).world),
    ['old', 'new'],
  );
});
