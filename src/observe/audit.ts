import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import type { AuditEvent } from '../audit-event.ts';
import type { Audit, Clock } from '../ports.ts';
import { logPath, MAX_LOGGED, tidy, timeText } from './log-text.ts';

export interface AuditOptions {
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  readonly clock: Clock;
  /** Hash of the configuration in force. */
  readonly world: () => string;
  /** At least 32 bytes, derived for this purpose alone: without it nobody can tell whom a hash is of. */
  readonly key: Buffer;
  /** Whether paths are hashed like persons, or logged. */
  readonly pathMode: 'hash' | 'plain';
}

/** Bytes of a hash that are logged: 128 bits tell all persons apart. */
const HASH_BYTES = 16;

/** Entries of a requirement that are logged. */
const MAX_REQUIREMENT = 32;

/**
 * Writes one JSON line per event. Persons, families and, if so chosen, paths appear as HMAC-SHA256 under `key`: equal
 * ones look equal, and none can be read or guessed.
 */
export function createAudit({ write, clock, world, key, pathMode }: AuditOptions): Audit {
  const secret = createSecretKey(key);
  const time = timeText(clock);

  // The parts are kept apart by JSON, so that no two different lists give the same text.
  const hash = (...parts: readonly string[]): string =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest().subarray(0, HASH_BYTES).toString('base64url');
  const person = (issuer: string | undefined, subject: string | undefined): string | undefined =>
    subject === undefined ? undefined : hash('subject', issuer ?? '', subject);

  function pathOf(event: AuditEvent): { path?: string; path_hash?: string } {
    if (event.path === undefined) return {};
    const path = logPath(event.path);
    return pathMode === 'plain' ? { path: tidy(path) } : { path_hash: hash('path', path) };
  }

  return {
    record(event) {
      // One by one, so that what an event may gain later is not logged by accident. Absent members are left out.
      const line = {
        time: time(),
        event: event.event,
        why: text(event.why),
        failure: text(event.failure),
        detail: text(event.detail),
        app: text(event.app),
        rule: text(event.rule),
        requirement: event.requirement?.slice(0, MAX_REQUIREMENT).map((demand) => tidy(demand)),
        would: text(event.would),
        changed: event.changed,
        seen: event.seen,
        had: text(event.had),
        provider: text(event.provider),
        subject_hash: person(event.issuer, event.subject),
        other_subject_hash: person(event.issuer, event.otherSubject),
        family_hash: event.family === undefined ? undefined : hash('family', event.family),
        request_id: text(event.requestId),
        client_ip: text(event.clientIp),
        method: text(event.method),
        ...pathOf(event),
        world: tidy(world()),
        flow: text(event.flow),
        world_before: text(event.worldBefore),
      };
      write(JSON.stringify(line));
    },
  };
}

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : tidy(value, MAX_LOGGED);

/**
 * The key for the hashes of one configuration's audit events (RFC 5869), from the oldest secret listed: it stays the same
 * while a new one is put in front, and goes with the old one.
 */
export function auditKey(secrets: readonly Buffer[]): Buffer {
  const oldest = secrets.at(-1) ?? Buffer.alloc(0);
  return Buffer.from(hkdfSync('sha256', oldest, Buffer.alloc(0), 'stepgate audit', 32));
}
