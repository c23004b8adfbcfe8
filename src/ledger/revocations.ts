import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import { personOfProviderSession } from '../core/provider-session.ts';
import type { Seconds } from '../core/time.ts';
import { GENERATION_GRACE, type RevocationFacts } from '../ports.ts';
import { createExpiringMap, type Expiring, type ExpiringMap } from './expiring-map.ts';
import type { Revocation } from './revocation.ts';

/** All live revocations in memory: what the hot path asks. The cost of a question does not grow with their number. */
export interface Revocations {
  /** Entries held, expired ones that were not swept yet included. */
  readonly size: number;
  /** Adds a revocation. Adding it twice, or in another order than other processes, comes to the same. */
  add(revocation: Revocation, now: Seconds): void;
  isRevoked(session: RevocationFacts, now: Seconds): boolean;
  newestGeneration(family: string): number;
}

interface Epoch extends Expiring {
  readonly epoch: Seconds;
}

/** By issuer, then by name. */
type Epochs = Map<string, ExpiringMap<Epoch>>;

/** When the generations below `generation` were superseded. */
interface Mark {
  readonly generation: number;
  readonly since: Seconds;
}

interface Generations extends Expiring {
  /** Ascending by generation and by time, at most {@link MAX_MARKS}. */
  readonly marks: readonly Mark[];
}

/** Step-ups of one family within the grace that are told apart. Of more, the older ones lose their grace early. */
const MAX_MARKS = 8;

/** An empty view for the ledger with this birth id. A session of another ledger is always revoked. */
export function createRevocations(birth: string): Revocations {
  const families = createExpiringMap<Expiring>();
  const generations = createExpiringMap<Generations>();
  const subjects: Epochs = new Map();
  const providerSessions: Epochs = new Map();
  let all: Seconds = Number.NEGATIVE_INFINITY;

  function merge(revocation: Revocation): void {
    if (revocation.kind === 'family') {
      families.set(revocation.family, longer(families.get(revocation.family), revocation));
    } else if (revocation.kind === 'generation') {
      generations.set(revocation.family, superseded(generations.get(revocation.family), revocation));
    } else if (revocation.kind === 'subject') {
      mergeEpoch(subjects, revocation.issuer, revocation.subject, revocation);
    } else if (revocation.kind === 'provider_session') {
      mergeEpoch(providerSessions, revocation.issuer, revocation.name, revocation);
    } else {
      // One number, so there is nothing to forget; it only ever grows.
      all = Math.max(all, revocation.epoch);
    }
  }

  return {
    get size() {
      let size = families.size + generations.size;
      for (const names of [...subjects.values(), ...providerSessions.values()]) size += names.size;
      return size;
    },
    add(revocation, now) {
      merge(revocation);
      families.sweep(now);
      generations.sweep(now);
      for (const names of subjects.values()) names.sweep(now);
      for (const names of providerSessions.values()) names.sweep(now);
    },
    isRevoked(session, now) {
      // Every comparison is written so that a time that is no number is void.
      if (session.birth !== birth || !(session.createdAt > all) || families.has(session.family)) return true;
      const marks = generations.get(session.family)?.marks;
      if (marks !== undefined && isSuperseded(marks, session.generation, now)) return true;
      if (isBefore(subjects.get(session.issuer)?.get(session.subject), session)) return true;
      const ended = providerSessions.get(session.issuer);
      return ended !== undefined && isEnded(ended, session);
    },
    newestGeneration: (family) => generations.get(family)?.marks.at(-1)?.generation ?? 0,
  };
}

const isBefore = (entry: Epoch | undefined, { createdAt }: Pick<RevocationFacts, 'createdAt'>): boolean =>
  entry !== undefined && !(createdAt > entry.epoch);

/** Whether the provider has ended this session, or all sessions of its person. */
function isEnded(ended: ExpiringMap<Epoch>, session: RevocationFacts): boolean {
  const { providerSession } = session;
  if (providerSession === null) return false;
  if (isBefore(ended.get(providerSession), session)) return true;
  const person = personOfProviderSession(providerSession);
  return person !== null && isBefore(ended.get(person), session);
}

function mergeEpoch(epochs: Epochs, issuer: string, name: string, added: Epoch): void {
  const names = epochs.get(issuer) ?? createExpiringMap<Epoch>();
  epochs.set(issuer, names);
  names.set(name, later(names.get(name), added));
}

const longer = (known: Expiring | undefined, added: Expiring): Expiring => ({
  expires: Math.max(known?.expires ?? added.expires, added.expires),
});

const later = (known: Epoch | undefined, added: Epoch): Epoch => ({
  epoch: Math.max(known?.epoch ?? added.epoch, added.epoch),
  ...longer(known, added),
});

/** The marks of a family after one more. */
function superseded(known: Generations | undefined, added: Mark & Expiring): Generations {
  const marks: Mark[] = [];
  const mark: Mark = { generation: added.generation, since: added.since };
  for (const next of [...(known?.marks ?? []), mark].sort((a, b) => a.generation - b.generation)) {
    // What is below an older generation is below a newer one too: times ascend with generations, the earlier holds.
    while ((marks.at(-1)?.since ?? -1) >= next.since) marks.pop();
    if (marks.at(-1)?.generation !== next.generation) marks.push(next);
  }
  while (marks.length > MAX_MARKS) {
    const [oldest, second] = marks.splice(0, 2);
    if (oldest !== undefined && second !== undefined) {
      marks.unshift({ generation: second.generation, since: oldest.since });
    }
  }
  return { marks, ...longer(known, added) };
}

/** Whether something above `generation` came longer ago than the grace, or so far ahead that a clock was set back. */
function isSuperseded(marks: readonly Mark[], generation: number, now: Seconds): boolean {
  for (const mark of marks) {
    if (generation >= mark.generation) continue;
    const ago = now - mark.since;
    return !(ago < GENERATION_GRACE && ago >= -CLOCK_STEP_TOLERANCE);
  }
  return false;
}
