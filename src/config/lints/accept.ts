import { suggest } from '../nearest.ts';
import {
  below,
  isPlainMap,
  keysAt,
  lengthAt,
  type Path,
  type SourceFile,
  top,
  valueAt,
  type Where,
} from '../source-file.ts';

/** Where lints are accepted: the entries that may say so. What stands in one of them belongs to it. */
const OWNERS: readonly (readonly (string | null)[])[] = [
  ['apps', null, 'rules', null],
  ['rules', null],
  ['floors', null],
  ['apps', null],
  ['providers', null],
];

/** The entry that a place belongs to; null where it belongs to none that could accept anything. */
export function ownerOf({ source, path }: Where): Where | null {
  const steps = OWNERS.find(
    (owner) => owner.length <= path.length && owner.every((step, i) => step === null || step === path[i]),
  );
  return steps === undefined ? null : { source, path: path.slice(0, steps.length) };
}

/** What an entry accepts, each with where it says so. */
export function acceptedAt(owner: Where): readonly { readonly id: string; readonly where: Where }[] {
  const list = below(owner, 'accept');
  const value = valueAt(list);
  if (typeof value === 'string') return [{ id: value, where: list }];
  if (!Array.isArray(value)) return [];
  return value.map((id, i) => ({ id: String(id), where: below(list, i) }));
}

/** Every entry of a file that accepts something. */
export function* acceptingIn(source: SourceFile): Iterable<Where> {
  for (const steps of OWNERS) yield* entries(top(source), steps);
}

function* entries(where: Where, steps: readonly (string | null)[]): Iterable<Where> {
  const [step, ...rest] = steps;
  if (step === undefined) {
    const value = valueAt(where);
    if (isPlainMap(value) && value.accept !== undefined) yield where;
    return;
  }
  const next: Path =
    step !== null ? [step] : [...keysAt(where), ...Array.from({ length: lengthAt(where) }, (_, i) => i)];
  for (const one of next) yield* entries(below(where, one), rest);
}

/** What is wrong with accepting something that was not found there. */
export function whyUnused(
  id: string,
  severity: 'error' | 'warning' | null,
  known: Iterable<string>,
): { message: string; hint?: string | undefined } {
  if (severity === null) return { message: `there is no lint "${id}"`, hint: suggest(id, known) };
  if (severity === 'error') return { message: `"${id}" is not found here, and an error is never accepted` };
  return { message: `"${id}" is not found here`, hint: 'delete it, so that it hides nothing that comes later' };
}
