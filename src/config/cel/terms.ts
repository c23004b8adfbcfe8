import type { ASTNode } from '@marcbachmann/cel-js';
import { compileAccess } from './access.ts';
import { compileCall, compileMethod } from './calls.ts';
import type { Draft } from './draft.ts';
import { compileChain, compileChoice } from './logic.ts';
import { compileOperator, compileUnary } from './operators.ts';
import { FAILED, isList, kindName, listOf, PERSON, type Run, type Single, type Term, type ValueOf } from './term.ts';

/** Deeper than a person can read. */
const DEEPEST = 100;

/** Compiles one part of a condition. */
export function compileTerm(node: ASTNode, draft: Draft): Term | null {
  if (draft.depth >= DEEPEST) {
    // Said once: on the way back there is a part as deep at every step.
    if (!draft.tooDeep) draft.wrong(node.start, 'the condition is nested too deeply');
    draft.tooDeep = true;
    return null;
  }
  draft.depth++;
  const term = compileNode(node, draft);
  draft.depth--;
  return term;
}

function compileNode(node: ASTNode, draft: Draft): Term | null {
  switch (node.op) {
    case 'value':
      return compileLiteral(node, draft);
    case 'id':
    case '.':
    case '[]':
      return compileAccess(node, draft);
    case 'list':
      return compileList(node, draft);
    case '||':
    case '&&':
      return compileChain(node, draft);
    case '?:':
      return compileChoice(node, draft);
    case '!_':
    case '-_':
      return compileUnary(node, draft);
    case 'call':
      return compileCall(node, draft);
    case 'rcall':
      return compileMethod(node, draft);
    case 'map':
    case '.?':
    case '[?]':
      return draft.wrong(node.start, 'this part of CEL is not taken in conditions');
    default:
      return compileOperator(node, draft);
  }
}

function compileLiteral(node: Extract<ASTNode, { op: 'value' }>, draft: Draft): Term | null {
  const { args: value, start: at, end } = node;
  const literal = <K extends 'string' | 'bool' | 'int'>(kind: K, is: ValueOf[K]): Term => {
    return { kind, run: () => is, at, end, literal: is };
  };
  switch (typeof value) {
    case 'string':
      return literal('string', value);
    case 'boolean':
      return literal('bool', value);
    case 'bigint': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? literal('int', number) : draft.wrong(at, 'the number is too large');
    }
    case 'number':
      return draft.wrong(at, 'numbers with a point are not exact', `write decimal("${draft.text.slice(at, end)}")`);
    default:
      if (value === null) return draft.wrong(at, 'there is no null', 'has(…) asks whether something is there');
      return draft.wrong(at, 'this kind of value is not taken in conditions');
  }
}

function compileList(node: Extract<ASTNode, { op: 'list' }>, draft: Draft): Term | null {
  const terms = node.args.map((item) => draft.term(item));
  const items = terms.filter((term) => term !== null);
  const [first] = items;
  if (items.length < terms.length) return null;
  if (first === undefined) return draft.wrong(node.start, 'the list is empty');
  const odd = items.find((item) => item.kind !== first.kind);
  if (odd !== undefined) {
    return draft.wrong(odd.at, `the list starts with ${kindName(first.kind)}, and this is ${kindName(odd.kind)}`);
  }
  if (isList(first.kind)) return draft.wrong(first.at, 'a list of lists is not possible');
  const runs = items.map(({ run }) => run);
  const constants = items.every(({ literal }) => literal !== undefined) ? items.map(({ literal }) => literal) : null;
  const run = constants === null ? gather(runs) : () => constants as readonly ValueOf[Single][];
  return { kind: listOf(first.kind as Single), run, at: node.start, end: node.end, items };
}

const gather =
  (runs: readonly Run[]): Run =>
  (facts) => {
    const values = runs.map((run) => run(facts));
    if (values.includes(FAILED)) return FAILED;
    return values.includes(PERSON) ? PERSON : (values as readonly ValueOf[Single][]);
  };
