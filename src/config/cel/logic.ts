import type { ASTNode } from '@marcbachmann/cel-js';
import { type Draft, written } from './draft.ts';
import { FAILED, kindName, PERSON, type Run, type Term, type Undetermined } from './term.ts';

type Chain = Extract<ASTNode, { op: '||' | '&&' }>;

/** Compiles `a && b && …` and `a || b || …`, however many there are. */
export function compileChain(node: Chain, draft: Draft): Term | null {
  const terms = linksOf(node).map((link) => truth(link, draft));
  const sound = terms.filter((term) => term !== null);
  const [first] = sound;
  const last = sound.at(-1);
  if (first === undefined || last === undefined || sound.length < terms.length) return null;
  const decisive = node.op === '||';
  const run = chain(
    sound.map((term) => term.run),
    decisive,
  );
  const unnamed = sound.some((term) => term.unnamed === decisive)
    ? decisive
    : sound.every((term) => term.unnamed === !decisive)
      ? !decisive
      : null;
  return { kind: 'bool', run, at: first.at, end: last.end, unnamed };
}

/** The tree of a chain leans to the left, as deep as it is long. */
function linksOf(node: Chain): readonly ASTNode[] {
  const links: ASTNode[] = [];
  let rest: ASTNode = node;
  while (rest.op === node.op) {
    links.push(rest.args[1]);
    rest = rest.args[0];
  }
  return [...links, rest].reverse();
}

/**
 * One link that is decisive decides, whatever the others come to (Kleene's logic). Where none is and some cannot be told,
 * neither can the chain: who signs in may bring a link that decides, and then what has failed does not matter.
 */
function chain(runs: readonly Run[], decisive: boolean): Run {
  return (facts) => {
    let doubt: Undetermined | null = null;
    for (const run of runs) {
      const value = run(facts);
      if (value === decisive) return decisive;
      if (typeof value === 'symbol' && doubt !== PERSON) doubt = value;
    }
    return doubt ?? !decisive;
  };
}

/** Compiles what must be true or false. */
export function truth(node: ASTNode, draft: Draft): Term | null {
  const term = draft.term(node);
  if (term === null || term.kind === 'bool') return term;
  const message = `${written(draft, term)} is ${kindName(term.kind)}, and must be true or false here`;
  return draft.wrong(term.at, message, 'compare it with something');
}

/** Compiles `a ? b : c`. */
export function compileChoice(node: Extract<ASTNode, { op: '?:' }>, draft: Draft): Term | null {
  const condition = truth(node.args[0], draft);
  const left = draft.term(node.args[1]);
  const right = draft.term(node.args[2]);
  if (condition === null || left === null || right === null) return null;
  if (left.kind !== right.kind) {
    const message = `one way this is ${kindName(left.kind)}, the other way ${kindName(right.kind)}`;
    return draft.wrong(right.at, message);
  }
  const run: Run = (facts) => {
    const chosen = condition.run(facts);
    if (chosen === true) return left.run(facts);
    return chosen === false ? right.run(facts) : typeof chosen === 'symbol' ? chosen : FAILED;
  };
  return { kind: left.kind, run, at: node.start, end: node.end };
}
