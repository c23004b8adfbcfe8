import type { ASTNode, BinaryOperator } from '@marcbachmann/cel-js';
import { compileKeyIn, groupsAt, holderAt } from './access.ts';
import { addDecimals, compareDecimals, subtractDecimals } from './decimal.ts';
import { type Draft, written } from './draft.ts';
import { mismatch } from './mismatch.ts';
import { FAILED, isList, itemOf, kindName, lift, lift2, type Single, type Term, type ValueOf } from './term.ts';

type Binary = Extract<ASTNode, { op: BinaryOperator }>;
type Result<K extends Single> = ValueOf[K] | typeof FAILED;

interface Operator {
  readonly kind: Single;
  readonly apply: (left: never, right: never) => Result<Single>;
}

/** Every operator, by the kinds of what stands left and right of it. What has no row cannot be written. */
const OPERATORS = new Map<string, Operator>();

function row<L extends Single, R extends Single, K extends Single>(
  left: L,
  op: BinaryOperator,
  right: R,
  kind: K,
  apply: (left: ValueOf[L], right: ValueOf[R]) => Result<K>,
): void {
  OPERATORS.set(`${left} ${op} ${right}`, { kind, apply });
}

for (const kind of ['bool', 'int', 'string', 'timestamp', 'duration'] as const) {
  row(kind, '==', kind, 'bool', (a, b) => a === b);
  row(kind, '!=', kind, 'bool', (a, b) => a !== b);
}
// Texts have no order: "9" would come after "10", and mfa before password.
for (const kind of ['int', 'timestamp', 'duration'] as const) {
  row(kind, '<', kind, 'bool', (a, b) => a < b);
  row(kind, '<=', kind, 'bool', (a, b) => a <= b);
  row(kind, '>', kind, 'bool', (a, b) => a > b);
  row(kind, '>=', kind, 'bool', (a, b) => a >= b);
}
row('decimal', '==', 'decimal', 'bool', (a, b) => compareDecimals(a, b) === 0);
row('decimal', '!=', 'decimal', 'bool', (a, b) => compareDecimals(a, b) !== 0);
row('decimal', '<', 'decimal', 'bool', (a, b) => compareDecimals(a, b) < 0);
row('decimal', '<=', 'decimal', 'bool', (a, b) => compareDecimals(a, b) <= 0);
row('decimal', '>', 'decimal', 'bool', (a, b) => compareDecimals(a, b) > 0);
row('decimal', '>=', 'decimal', 'bool', (a, b) => compareDecimals(a, b) >= 0);
row('decimal', '+', 'decimal', 'decimal', addDecimals);
row('decimal', '-', 'decimal', 'decimal', subtractDecimals);
row('string', '+', 'string', 'string', (a, b) => a + b);
row('duration', '+', 'duration', 'duration', (a, b) => a + b);
row('duration', '-', 'duration', 'duration', (a, b) => a - b);
row('timestamp', '+', 'duration', 'timestamp', (a, b) => a + b);
row('timestamp', '-', 'duration', 'timestamp', (a, b) => a - b);
row('timestamp', '-', 'timestamp', 'duration', (a, b) => a - b);

/** Whole numbers as far as they are exact. */
const exact = (value: number): Result<'int'> => (Number.isSafeInteger(value) ? value : FAILED);
row('int', '+', 'int', 'int', (a, b) => exact(a + b));
row('int', '-', 'int', 'int', (a, b) => exact(a - b));
row('int', '*', 'int', 'int', (a, b) => exact(a * b));
row('int', '/', 'int', 'int', (a, b) => exact(Math.trunc(a / b)));
row('int', '%', 'int', 'int', (a, b) => exact(a % b));

/** Compiles an operator between two values. */
export function compileOperator(node: Binary, draft: Draft): Term | null {
  if (node.op === 'in') return compileIn(node, draft);
  const left = draft.term(node.args[0]);
  const right = draft.term(node.args[1]);
  if (left === null || right === null) return null;
  const operator = OPERATORS.get(`${left.kind} ${node.op} ${right.kind}`);
  if (operator === undefined) return mismatch(node.op, left, right, draft);
  if (!checkWords(left, right, draft) || !checkWords(right, left, draft)) return null;
  const run = lift2(left.run, right.run, operator.apply);
  const unnamed = node.op === '==' ? false : node.op === '!=' ? true : null;
  return { kind: operator.kind, run, at: left.at, end: right.end, ...ofGroup(left, right, unnamed, draft) };
}

/** What a comparison of a group with a name that is written out says of all other groups. */
function ofGroup(a: Term, b: Term, unnamed: boolean | null, draft: Draft): Pick<Term, 'unnamed'> {
  const name = a.groups === 'one' ? b.literal : b.groups === 'one' ? a.literal : undefined;
  if (typeof name !== 'string' || unnamed === null) return {};
  draft.reads.groups.add(name);
  return { unnamed };
}

/** Whether a text that is written out can be what it is compared with. */
function checkWords({ words }: Term, { literal, at }: Term, draft: Draft): boolean {
  const wrong = typeof literal === 'string' ? words?.wrong(literal) : null;
  if (!wrong) return true;
  draft.wrong(at, wrong);
  return false;
}

/** `item in list`, and `"key" in` what holds things by name. */
function compileIn(node: Binary, draft: Draft): Term | null {
  const [item, whole] = node.args;
  const holder = holderAt(whole, draft);
  if (holder !== null) return compileKeyIn(item, holder, node, draft);
  const left = draft.term(item);
  const byName = typeof left?.literal === 'string' ? groupsAt(whole, draft) : null;
  const right = byName ?? draft.term(whole);
  if (left === null || right === null) return null;
  if (!isList(right.kind) || itemOf(right.kind) !== left.kind) return mismatch('in', left, right, draft);
  const items = right.items ?? [];
  if (!items.every((one) => checkWords(left, one, draft))) return null;
  if (byName !== null) draft.reads.groups.add(String(left.literal));
  const run = lift2(left.run, right.run, left.kind === 'decimal' ? hasDecimal : hasItem);
  return { kind: 'bool', run, at: left.at, end: right.end, ...ofGroupIn(left, right, draft) };
}

function ofGroupIn(left: Term, { items }: Term, draft: Draft): Pick<Term, 'unnamed'> {
  const names = items?.map(({ literal }) => literal) ?? [];
  if (left.groups !== 'one' || items === undefined || !names.every((name) => typeof name === 'string')) return {};
  for (const name of names) draft.reads.groups.add(name);
  return { unnamed: false };
}

/** One by one: what is no list of texts has no text for an item, whatever it contains. */
function hasItem(item: unknown, items: readonly unknown[]): boolean {
  for (const one of items) if (one === item) return true;
  return false;
}

const hasDecimal = (item: ValueOf['decimal'], items: readonly ValueOf['decimal'][]): boolean =>
  items.some((one) => compareDecimals(one, item) === 0);

/** `!x` and `-x`. */
export function compileUnary(node: Extract<ASTNode, { op: '!_' | '-_' }>, draft: Draft): Term | null {
  const term = draft.term(node.args);
  if (term === null) return null;
  const place = { at: node.start, end: term.end };
  const kind = node.op === '!_' ? 'bool' : 'int';
  if (term.kind !== kind) {
    const sign = node.op === '!_' ? '!' : '-';
    const message = `"${sign}" stands before ${kindName(kind)}, and ${written(draft, term)} is ${kindName(term.kind)}`;
    return draft.wrong(term.at, message, kind === 'bool' ? 'compare it with something' : undefined);
  }
  if (kind === 'int') return { kind, run: lift(term.run, (value: number) => -value), ...place };
  const unnamed = typeof term.unnamed === 'boolean' ? !term.unnamed : null;
  return { kind, run: lift(term.run, (value: boolean) => !value), ...place, unnamed };
}
