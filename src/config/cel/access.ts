import type { ASTNode } from '@marcbachmann/cel-js';
import { suggest } from '../nearest.ts';
import { isWrong } from '../problems.ts';
import { type Draft, written } from './draft.ts';
import { type Holder, isHolder, type Subject } from './subject.ts';
import { FAILED, isList, itemOf, kindName, lift2, type Run, type Term } from './term.ts';

/** A member of something, however it is written: `a.b` or `a["b"]`. */
export type Access = Extract<ASTNode, { op: '.' | '[]' }>;
type Found = Subject | Holder | Term;

/** Compiles a name, a member or an item of a list. */
export function compileAccess(node: ASTNode, draft: Draft): Term | null {
  const found = find(node, draft);
  if (found === null) return null;
  if ('at' in found) return found;
  if (isHolder(found)) return draft.wrong(node.start, `"${found.holder}" is no value by itself`, `write ${found.such}`);
  return look(found, node, draft);
}

/** What stands at a name, a member or an item, without looking at it yet. */
function find(node: ASTNode, draft: Draft): Found | null {
  if (node.op === 'id') return findName(node.args, node, draft);
  if (node.op !== '.' && node.op !== '[]') return draft.term(node);
  const base = find(node.args[0], draft);
  if (base === null) return null;
  if (isHolder(base)) return memberOf(base, node, draft);
  const term = 'at' in base ? base : look(base, node.args[0], draft);
  return node.op === '[]' ? itemAt(term, node.args[1], node, draft) : noMember(term, node, draft);
}

function findName(name: string, node: ASTNode, draft: Draft): Found | null {
  const { start: at, end } = node;
  const local = draft.locals.find((one) => one.name === name);
  if (local !== undefined) {
    const run: Run = () => local.item ?? FAILED;
    // In a loop within its loop it is one item of many, of which the inner loop knows nothing.
    const one = local.groups && local === draft.locals.at(-1);
    return { kind: local.kind, run, at, end, ...(one && { groups: 'one' }) };
  }
  const known = draft.subjects.get(name);
  if (known !== undefined) return known;
  const named = draft.named(name, at);
  if (named === 'broken') return null;
  if (named === null) return draft.wrong(at, { wrong: 'unknown-name', ...unknownName(name, draft) });
  draft.reads.uses.add(named.reads);
  return { kind: 'bool', run: named.run, at, end };
}

function unknownName(name: string, draft: Draft): { readonly message: string; readonly hint: string | undefined } {
  const message = `there is no "${name}" in conditions`;
  const network = draft.subjects.get('network');
  if (network !== undefined && isHolder(network) && !isWrong(network.member(name))) {
    return { message, hint: `write network.${name}` };
  }
  for (const words of ['session.level', 'user.provider', 'request.method'] as const) {
    const [holder = '', member = ''] = words.split('.');
    const subject = subjectAt(holder, member, draft);
    if (subject?.words?.wrong(name) === null) return { message, hint: `put it in quotes: ${words} == "${name}"` };
  }
  return { message, hint: suggest(name, [...draft.subjects.keys(), ...draft.names.near()]) };
}

function subjectAt(holder: string, member: string, draft: Draft): Subject | null {
  const found = draft.subjects.get(holder);
  const inner = found !== undefined && isHolder(found) ? found.member(member) : null;
  return inner === null || isWrong(inner) || isHolder(inner) ? null : inner;
}

/** A member of a holder, by a name that is written out: what is looked at has to be known when the file is loaded. */
export function memberOf(holder: Holder, node: Access, draft: Draft): Subject | Holder | null {
  const name = memberName(node);
  const at = memberPlace(node);
  if (name === null) {
    return draft.wrong(at, `what is asked of ${holder.holder} must be written out`, `such as ${holder.such}`);
  }
  const member = holder.member(name);
  return isWrong(member) ? draft.wrong(at, member) : member;
}

const memberName = (node: Access): string | null => {
  if (node.op === '.') return node.args[1];
  const [, index] = node.args;
  return index.op === 'value' && typeof index.args === 'string' ? index.args : null;
};

const memberPlace = (node: Access): number => (node.op === '.' ? node.pos : node.args[1].start);

/** Something that is looked at. */
function look(subject: Subject, { start: at, end }: ASTNode, draft: Draft): Term {
  const { name, kind, words = null, claim } = subject;
  draft.reads.names.add(name);
  if (claim !== undefined) draft.reads.claims.add(claim);
  if (subject.groups === undefined) return { kind, run: subject.run, at, end, words };
  draft.reads.allGroups = true;
  return { kind, run: allGroups(subject.run), at, end };
}

/** Where only groups that are asked for by name are known, nothing else can be told of them. */
const allGroups =
  (run: Run): Run =>
  (facts) =>
    facts.standing?.session.namedGroupsOnly ? FAILED : run(facts);

/** The groups of the person, where the node stands for them, to be asked for by name. Null for everything else. */
export function groupsAt(node: ASTNode, draft: Draft): Term | null {
  if (node.op !== '.' && node.op !== '[]') return null;
  const [holder] = node.args;
  const member = memberName(node);
  if (holder.op !== 'id' || member === null) return null;
  const subject = subjectAt(holder.args, member, draft);
  if (subject?.groups === undefined) return null;
  draft.reads.names.add(subject.name);
  return { kind: subject.kind, run: subject.run, at: node.start, end: node.end, groups: 'list' };
}

/** Whether something is there: `has(…)`, and `"key" in …` of what holds things by name. */
export function compileHas(node: ASTNode, whole: ASTNode, draft: Draft): Term | null {
  const holder = node.op === '.' || node.op === '[]' ? find(node.args[0], draft) : null;
  if (holder === null || !isHolder(holder) || (node.op !== '.' && node.op !== '[]')) {
    const hint = 'such as has(request.query.name)';
    return draft.wrong(node.start, 'has() asks whether a member is there', hint);
  }
  const member = memberOf(holder, node, draft);
  return member === null ? null : presence(member, memberPlace(node), whole, draft);
}

/** `"key" in holder`. */
export function compileKeyIn(key: ASTNode, holder: Holder, whole: ASTNode, draft: Draft): Term | null {
  if (key.op !== 'value' || typeof key.args !== 'string') {
    const message = `what is asked of ${holder.holder} must be written out`;
    return draft.wrong(key.start, message, `such as "name" in ${holder.holder}`);
  }
  const member = holder.member(key.args);
  return isWrong(member) ? draft.wrong(key.start, member) : presence(member, key.start, whole, draft);
}

function presence(member: Subject | Holder, at: number, whole: ASTNode, draft: Draft): Term | null {
  if (isHolder(member) || member.has === null) {
    return draft.wrong(at, `${isHolder(member) ? member.holder : member.name} is always there`);
  }
  draft.reads.names.add(member.name);
  if (member.claim !== undefined) draft.reads.claims.add(member.claim);
  return { kind: 'bool', run: member.has, at: whole.start, end: whole.end };
}

/** The holder that a node stands for, null for everything else. */
export function holderAt(node: ASTNode, draft: Draft): Holder | null {
  if (node.op === 'id') {
    const found = draft.subjects.get(node.args);
    return found !== undefined && isHolder(found) ? found : null;
  }
  if (node.op !== '.' && node.op !== '[]') return null;
  const around = holderAt(node.args[0], draft);
  const name = memberName(node);
  const member = around === null || name === null ? null : around.member(name);
  return member !== null && !isWrong(member) && isHolder(member) ? member : null;
}

function itemAt(list: Term, index: ASTNode, { start: at, end }: ASTNode, draft: Draft): Term | null {
  if (!isList(list.kind))
    return draft.wrong(index.start, `${written(draft, list)} is ${kindName(list.kind)}, and no list`);
  const position = draft.term(index);
  if (position === null) return null;
  if (position.kind !== 'int') {
    const asked = position.kind === itemOf(list.kind);
    const hint = asked ? `write ${written(draft, position)} in ${written(draft, list)}` : undefined;
    return draft.wrong(position.at, 'items of a list are numbered, from 0', hint);
  }
  const pick = (items: readonly string[], i: number) => items[i] ?? FAILED;
  return { kind: itemOf(list.kind), run: lift2(list.run, position.run, pick), at, end };
}

function noMember(term: Term, node: Access, draft: Draft): null {
  const message = `${written(draft, term)} is ${kindName(term.kind)}, which has no members`;
  return draft.wrong(memberPlace(node), message, 'a call has brackets, such as size()');
}
