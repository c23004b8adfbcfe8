import { formatDuration } from '../durations.ts';
import { type Draft, written } from './draft.ts';
import { isList, itemOf, type Kind, kindName, type Term } from './term.ts';

/** Reports an operator between things that it does not fit, with what was most likely meant. */
export function mismatch(op: string, left: Term, right: Term, draft: Draft): null {
  const message = `${kindName(left.kind)} ${op} ${kindName(right.kind)} is not possible`;
  const meant =
    isOrder(op) && left.kind === 'string' && right.kind === 'string' ? null : meantBy(op, left, right, draft);
  if (meant !== null) return draft.wrong(left.at, message, `write ${meant}`);
  return draft.wrong(left.at, message, reasonFor(op, left, right));
}

const isOrder = (op: string): boolean => ['<', '<=', '>', '>='].includes(op);

function reasonFor(op: string, left: Term, right: Term): string | undefined {
  const kinds = [left.kind, right.kind];
  if (isOrder(op) && kinds.every((kind) => kind === 'string')) {
    return 'texts have no order: decimal(…) reads a number, session.age.LEVEL and has(session.age.LEVEL) ask for a level';
  }
  if (isList(left.kind) && isList(right.kind)) return 'lists are not compared: ask for one item with in';
  return undefined;
}

/** The corrected text, or null where it is not known. */
function meantBy(op: string, left: Term, right: Term, draft: Draft): string | null {
  const text = (term: Term): string => written(draft, term);
  if (op === 'in') {
    // "a" in text: a part of it was meant.
    if (left.kind === 'string' && right.kind === 'string') return `${text(right)}.contains(${text(left)})`;
    if (isList(left.kind) && !isList(right.kind)) return `${text(right)} in ${text(left)}`;
    return isList(right.kind) ? asKind(itemOf(right.kind), left, draft, (it) => `${it} in ${text(right)}`) : null;
  }
  if (isList(left.kind) || isList(right.kind)) {
    const [list, item] = isList(left.kind) ? [left, right] : [right, left];
    if (isList(item.kind) || !isList(list.kind) || item.kind !== itemOf(list.kind)) return null;
    if (op === '==') return `${text(item)} in ${text(list)}`;
    return op === '!=' ? `!(${text(item)} in ${text(list)})` : null;
  }
  return (
    asKind(left.kind, right, draft, (it) => `${text(left)} ${op} ${it}`) ??
    asKind(right.kind, left, draft, (it) => `${it} ${op} ${text(right)}`) ??
    amounts(op, left, right, draft)
  );
}

/** A value that is written out, as one of another kind. */
function asKind(kind: Kind, term: Term, draft: Draft, put: (text: string) => string): string | null {
  const { literal } = term;
  if (literal === undefined || kind === term.kind) return null;
  const quoted = typeof literal === 'string' ? written(draft, term) : `"${String(literal)}"`;
  switch (kind) {
    case 'duration':
      return put(`duration(${typeof literal === 'number' ? `"${formatDuration(literal)}"` : quoted})`);
    case 'timestamp':
      return typeof literal === 'string' ? put(`timestamp(${quoted})`) : null;
    case 'decimal':
      return put(`decimal(${quoted})`);
    case 'int':
      return typeof literal === 'string' && /^-?\d{1,15}$/.test(literal) ? put(literal) : null;
    case 'bool':
      return literal === 'true' || literal === 'false' ? put(literal) : null;
    default:
      return null;
  }
}

/** Text beside a number: an amount that came as text. */
function amounts(op: string, left: Term, right: Term, draft: Draft): string | null {
  const as = (term: Term): string =>
    typeof term.literal === 'number' ? `decimal("${term.literal}")` : `decimal(${written(draft, term)})`;
  const kinds = [left.kind, right.kind].sort().join(' ');
  return kinds === 'int string' || kinds === 'decimal string' ? `${as(left)} ${op} ${as(right)}` : null;
}
