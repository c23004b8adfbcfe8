import type { Findings } from '../findings.ts';
import type { Where } from '../source-file.ts';
import { quotingHint } from '../yaml-conditions.ts';
import type { Draft, Named, Slip } from './draft.ts';
import { isMisread, parseCondition } from './parse.ts';
import { noReads } from './reads.ts';
import { kindName } from './term.ts';
import { compileTerm } from './terms.ts';

/** After the first mistakes in a condition the rest are echoes. */
const MOST_SLIPS = 20;

/** What the names in a condition stand for. */
export type Scope = Pick<Draft, 'subjects' | 'named' | 'names'>;

/** Compiles the text of a condition; null beside everything that is wrong, or where another condition is. */
export function compileText(
  text: string,
  scope: Scope,
): { readonly compiled: Omit<Named, 'depth'> | null; readonly slips: readonly Slip[] } {
  const slips: Slip[] = [];
  const tree = parseCondition(text);
  if (isMisread(tree)) {
    const { at, message, hint } = tree;
    return { compiled: null, slips: [{ at, id: 'bad-condition', message, hint }] };
  }
  const draft: Draft = {
    ...scope,
    text,
    locals: [],
    reads: noReads(),
    depth: 0,
    tooDeep: false,
    term: (node) => compileTerm(node, draft),
    wrong(at, wrong, hint) {
      if (slips.length >= MOST_SLIPS) return null;
      if (typeof wrong === 'string') slips.push({ at, id: 'bad-condition', message: wrong, hint });
      else slips.push({ at, id: wrong.wrong, message: wrong.message, hint: wrong.hint });
      return null;
    },
  };
  const term = draft.term(tree);
  if (term !== null && term.kind !== 'bool') {
    const message = `a condition comes to true or false, and this is ${kindName(term.kind)}`;
    draft.wrong(term.at, message, 'compare it with something');
  }
  const compiled = term === null || slips.length > 0 ? null : { run: term.run, reads: draft.reads };
  return { compiled, slips };
}

/** Reports what is wrong in the condition at a place. */
export function reportSlips(slips: readonly Slip[], where: Where, findings: Findings): void {
  // What YAML made of the line may be less than what stands there.
  const quoting = slips.length === 0 ? undefined : quotingHint(where);
  for (const { at, id, message, hint } of slips) findings.problemInText(where, at, id, message, quoting ?? hint);
}
