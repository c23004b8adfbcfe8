import type { NaiveDemand, NaiveLevel, NaivePolicy, NaiveProof, NaiveRequest } from './naive-policy.ts';

/** Levels and demands, naively: which levels one stands on, what a proof is worth, what is missing. */

function levelOf(policy: NaivePolicy, name: string): NaiveLevel {
  const found = policy.levels.find((level) => level.name === name);
  if (found === undefined) throw new Error(`no level ${name}`);
  return found;
}

/** A level and all levels below it. */
function atOrBelow(policy: NaivePolicy, name: string): readonly string[] {
  return [name, ...levelOf(policy, name).above.flatMap((below) => atOrBelow(policy, below))];
}

const isAbove = (policy: NaivePolicy, one: string, other: string): boolean =>
  one !== other && atOrBelow(policy, one).includes(other);

/** The levels, each as long as its own validity, of which one has to be counted to meet the demand with this proof. */
function countedFor(policy: NaivePolicy, proof: string, demand: NaiveDemand): readonly string[] {
  const counts = atOrBelow(policy, proof);
  switch (demand.comparison) {
    case 'minimum':
      return counts.filter((level) => level === demand.level);
    case 'exact':
      return proof === demand.level ? [proof] : [];
    case 'better':
      return counts.filter((level) => isAbove(policy, level, demand.level));
    case 'maximum':
      return atOrBelow(policy, demand.level).includes(proof) ? [proof] : [];
  }
}

/** A clock may be a minute behind another one; nothing else comes from the future. */
const isYoung = (at: number, limit: number, now: number): boolean => now - at < limit && now - at >= -60;

function meets(policy: NaivePolicy, proof: NaiveProof, demand: NaiveDemand, now: number): boolean {
  const { maxAge, since } = demand;
  const counted = countedFor(policy, proof.level, demand);
  const valid = counted.some((level) => isYoung(proof.at, levelOf(policy, level).validity, now));
  const fresh = maxAge === null || (proof.freshAt !== null && isYoung(proof.freshAt, maxAge, now));
  const later = since === null || (proof.freshAt !== null && proof.freshAt > since);
  return valid && fresh && later;
}

export function missingWhy(policy: NaivePolicy, request: NaiveRequest, demand: NaiveDemand): string | null {
  const { proofs, now } = request;
  if (proofs === null) return 'no_session';
  if (proofs.some((proof) => meets(policy, proof, demand, now))) return null;
  const wasGiven = proofs.some((proof) => countedFor(policy, proof.level, demand).length > 0);
  return wasGiven ? 'stale_authentication' : 'insufficient_level';
}

export function canBeMet(policy: NaivePolicy, demand: NaiveDemand, now: number): boolean {
  const proven = policy.provable.some((level) => countedFor(policy, level, demand).length > 0);
  return proven && (demand.since === null || demand.since <= now);
}

/** The shortest time for which some proof meets the demand. */
function limitOf(policy: NaivePolicy, demand: NaiveDemand): number {
  const validities = policy.levels.flatMap(({ name }) => {
    const counted = countedFor(policy, name, demand);
    return counted.length === 0 ? [] : [Math.max(...counted.map((level) => levelOf(policy, level).validity))];
  });
  return Math.min(...validities, demand.maxAge ?? Infinity);
}

/** Hardest first: the level that is listed later, then the younger proof, then the later moment. */
export function byHardness(policy: NaivePolicy, demands: readonly NaiveDemand[]): readonly NaiveDemand[] {
  const place = ({ level }: NaiveDemand): number => policy.levels.findIndex(({ name }) => name === level);
  const least = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...demands].sort(
    (a, b) =>
      least(place(b), place(a)) ||
      least(limitOf(policy, a), limitOf(policy, b)) ||
      least(b.since ?? -Infinity, a.since ?? -Infinity),
  );
}
