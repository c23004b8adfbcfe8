import type { ASTNode } from '@marcbachmann/cel-js';
import { groupsAt } from './access.ts';
import { type Draft, type Local, written } from './draft.ts';
import { truth } from './logic.ts';
import { FAILED, isList, itemOf, kindName, listOf, PERSON, type Run, type Term, type Undetermined } from './term.ts';

type MethodCall = Extract<ASTNode, { op: 'rcall' }>;

/** What looks at the items of a list one after the other. */
export const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** Compiles `list.exists(x, …)` and its kin. */
export function compileLoop(node: MethodCall, at: number, draft: Draft): Term | null {
  const [name, receiver, args] = node.args;
  const [variable, body, second] = args;
  if (variable?.op !== 'id' || body === undefined || second !== undefined) {
    return draft.wrong(at, `${name}() takes a name for the items, and what is asked of each`);
  }
  // It would take as long as both lists are long, multiplied, on every request.
  if (draft.locals.length > 0) return draft.wrong(at, 'a loop within a loop takes too long', 'write the inner one out');
  const taken = variable.args;
  if (draft.subjects.has(taken) || draft.names.has(taken) || draft.locals.some((one) => one.name === taken)) {
    return draft.wrong(variable.start, `"${taken}" means something already`, 'take another name for the items');
  }
  const byName = name === 'filter' || name === 'map' ? null : groupsAt(receiver, draft);
  const kindly = byName ?? draft.term(receiver);
  if (kindly === null) return null;
  if (!isList(kindly.kind)) {
    return draft.wrong(at, `${name}() is for lists, and ${written(draft, kindly)} is ${kindName(kindly.kind)}`);
  }
  const local: Local = { name: taken, kind: itemOf(kindly.kind), groups: byName !== null, item: null };
  draft.locals.push(local);
  const term = name === 'map' ? draft.term(body) : truth(body, draft);
  draft.locals.pop();
  if (term === null) return null;
  // Whoever looks at groups that the condition does not name has to know all of them.
  const list = byName === null || term.unnamed === (name === 'all') ? kindly : draft.term(receiver);
  return list && loopOf(name, list, local, term, node, draft);
}

function loopOf(name: string, list: Term, local: Local, body: Term, node: ASTNode, draft: Draft): Term | null {
  const place = { at: node.start, end: node.end };
  switch (name) {
    case 'all':
      return { kind: 'bool', run: quantifier(list.run, local, body.run, false), ...place };
    case 'exists':
      return { kind: 'bool', run: quantifier(list.run, local, body.run, true), ...place };
    case 'exists_one':
      return { kind: 'bool', run: each(list.run, local, body.run, (found) => count(found) === 1), ...place };
    case 'filter': {
      const kept: Collect = (found, items) => items.filter((_, i) => found[i] === true);
      return { kind: list.kind, run: each(list.run, local, body.run, kept), ...place };
    }
    default:
      if (isList(body.kind)) return draft.wrong(body.at, 'a list of lists is not possible');
      return { kind: listOf(body.kind), run: each(list.run, local, body.run, (found) => found), ...place };
  }
}

type Items = Extract<Awaited<ReturnType<Run>>, readonly unknown[]>;
type Collect = (found: Items, items: Items) => ReturnType<Run>;

const count = (found: readonly unknown[]): number => found.filter((one) => one === true).length;

/** One item that is decisive decides, as in a chain of && or ||. */
function quantifier(list: Run, local: Local, body: Run, decisive: boolean): Run {
  return (facts) => {
    const items = list(facts);
    if (typeof items === 'symbol') return items;
    let doubt: Undetermined | null = null;
    for (const item of items as Items) {
      local.item = item;
      const value = body(facts);
      if (value === decisive) return decisive;
      if (typeof value === 'symbol' && doubt !== PERSON) doubt = value;
    }
    return doubt ?? !decisive;
  };
}

/** Every item is looked at; where one of them cannot be told neither can the whole. */
function each(list: Run, local: Local, body: Run, collect: Collect): Run {
  return (facts) => {
    const items = list(facts);
    if (typeof items === 'symbol') return items;
    const found: Items[number][] = [];
    let doubt: Undetermined | null = null;
    for (const item of items as Items) {
      local.item = item;
      const value = body(facts);
      if (typeof value === 'symbol') doubt = doubt === FAILED ? FAILED : value;
      else found.push(value as Items[number]);
    }
    return doubt ?? collect(found, items as Items);
  };
}
