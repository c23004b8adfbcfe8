import type { z } from 'zod';
import { PathTree } from '../core/path-tree.ts';
import type { Criteria, Exception, Floor } from '../core/policy.ts';
import { compileCriteria, compileMethods } from './compile-criteria.ts';
import { compileDemand } from './compile-demand.ts';
import { compilePaths, type RuleContext } from './compile-rules.ts';
import type { Findings } from './findings.ts';
import { checkName } from './names.ts';
import { suggest } from './nearest.ts';
import { canLieUnderMount } from './patterns.ts';
import { exceptionSchema, type FloorEntry, floorSchema } from './policies-schema.ts';
import { readShape } from './shape.ts';
import { below, keysAt, lengthAt, placeOf, type SourceFile, top, valueAt, type Where } from './source-file.ts';
import type { PlacedFloor } from './world.ts';

/** A floor as it is written, with what of it is the same for every app. */
export interface WrittenFloor {
  readonly entry: FloorEntry;
  readonly where: Where;
  /** Null where they cannot be told. */
  readonly criteria: Criteria | null;
  readonly exceptions: readonly WrittenException[];
}

interface WrittenException extends Exception {
  readonly entry: z.output<typeof exceptionSchema>;
  readonly where: Where;
}

/** Reads `floors` of policies.yaml, and says all that can be said of them whatever app they are about. */
export function readFloors(
  policies: SourceFile,
  { ladder, language }: Pick<RuleContext, 'ladder' | 'language'>,
  findings: Findings,
): readonly WrittenFloor[] {
  const list = below(top(policies), 'floors');
  const apps = new Set(keysAt(below(top(policies), 'apps')));
  const ids = new Set<string>();
  const floors: WrittenFloor[] = [];
  const nobody = { app: '', ladder, provider: null, provable: null };
  for (let i = 0; i < lengthAt(list); i++) {
    const where = below(list, i);
    const entry = readShape(floorSchema, where, findings);
    if (entry === null) continue;
    checkName(entry.id, below(where, 'id'), false, findings);
    if (ids.has(entry.id)) {
      findings.problem(below(where, 'id'), 'duplicate-id', `there is a floor "${entry.id}" above already`);
    }
    ids.add(entry.id);
    checkApps(entry.apps, below(where, 'apps'), apps, findings);
    checkSays(entry, where, findings);
    // It may be that no app is left that it is about; it is checked all the same.
    compileDemand(entry, { owner: where, source: entry.id, note: entry.note }, nobody, findings);
    compilePaths(entry.path, where, ANYWHERE, findings);
    const criteria = compileCriteria(entry, where, language, findings);
    floors.push({ entry, where, criteria, exceptions: readExceptions(entry, where, apps, findings) });
  }
  return floors;
}

const ANYWHERE = { mount: null, windows: false };

function readExceptions(
  { except = [] }: FloorEntry,
  where: Where,
  apps: ReadonlySet<string>,
  findings: Findings,
): readonly WrittenException[] {
  return except.flatMap((_, order) => {
    const place = below(where, 'except', order);
    const entry = readShape(exceptionSchema, place, findings);
    if (entry === null) return [];
    checkApps(entry.app, below(place, 'app'), apps, findings);
    if (entry.app === undefined && entry.path === undefined && entry.methods === undefined) {
      findings.problem(place, 'contradiction', 'an exception of everything leaves nothing', 'name an app or a path');
    }
    compilePaths(entry.path, place, ANYWHERE, findings);
    return { entry, where: place, order, methods: compileMethods(entry.methods, place, findings) };
  });
}

function checkApps(
  named: readonly string[] | undefined,
  where: Where,
  apps: ReadonlySet<string>,
  findings: Findings,
): void {
  for (const [i, app] of (named ?? []).entries()) {
    if (apps.has(app)) continue;
    const place = Array.isArray(valueAt(where)) ? below(where, i) : where;
    findings.problem(place, 'unknown-app', `there is no app "${app}"`, suggest(app, apps));
  }
}

function checkSays({ require, deny }: FloorEntry, where: Where, findings: Findings): void {
  if (require !== undefined && deny) {
    findings.problemAtKey(below(where, 'deny'), 'contradiction', 'a floor says one of: require, deny');
  } else if (require === undefined && !deny) {
    findings.problem(where, 'empty-requirement', 'this floor asks for nothing', 'say require or deny: true');
  }
}

/** As many floors, and exceptions of them, as may lie over all apps together: each is kept for each app that it is about. */
export const MAX_LAID = 100_000;

/** Whether floors and apps multiply beyond what a reload could compile; reports it. */
export function areTooMany(written: readonly WrittenFloor[], apps: number, list: Where, findings: Findings): boolean {
  let laid = 0;
  for (const { entry, exceptions } of written) {
    const over = entry.apps?.length ?? apps;
    laid += over + exceptions.reduce((sum, { entry: { app } }) => sum + Math.min(over, app?.length ?? over), 0);
  }
  if (laid <= MAX_LAID) return false;
  const message = `floors and their exceptions lie over apps ${laid} times, at most ${MAX_LAID} are possible`;
  findings.problem(list, 'too-many-floors', message, 'name the apps that they are about, or join floors into one');
  return true;
}

/** Lays a floor over one app. Null where it is not about it, or after reporting what is wrong with it. */
export function compileFloor(
  order: number,
  { entry, where, criteria, exceptions }: WrittenFloor,
  context: RuleContext,
  findings: Findings,
): PlacedFloor | null {
  if (entry.apps !== undefined && !entry.apps.includes(context.app)) return null;
  const patterns = compilePaths(entry.path, where, { ...ANYWHERE, windows: context.windows }, findings).filter(
    (pattern) => context.mount === null || canLieUnderMount(pattern, context.mount, context.windows),
  );
  const id = `floor/${entry.id}`;
  const { message, note } = entry;
  const demand = compileDemand(entry, { owner: where, source: id, message, note }, context, findings);
  const except = layExceptions(exceptions, context, findings);
  if (criteria === null || (demand === null && !entry.deny) || patterns.length === 0) return null;
  const floor: Floor = {
    id,
    order,
    ...criteria,
    effect: demand === null ? { kind: 'deny' } : { kind: 'require', demands: [demand] },
    except,
    mode: entry.mode === 'report' ? 'report' : 'enforce',
    note: note ?? null,
  };
  const accepted = entry.accept ?? [];
  const off = entry.mode === 'off';
  const paths = entry.path ?? ['/**'];
  return { floor, off, apps: entry.apps ?? null, paths, patterns, accepted, place: placeOf(where) };
}

/** The exceptions that are about one app; null where none is. */
function layExceptions(
  exceptions: readonly WrittenException[],
  { app, mount, windows }: RuleContext,
  findings: Findings,
): PathTree<Exception> | null {
  const tree = new PathTree<Exception>();
  let any = false;
  for (const { entry, where, order, methods } of exceptions) {
    if (entry.app !== undefined && !entry.app.includes(app)) continue;
    const under = { mount: entry.app === undefined ? null : mount, windows };
    for (const pattern of compilePaths(entry.path, where, under, findings)) {
      any = true;
      tree.add(pattern, { order, methods });
    }
  }
  return any ? tree : null;
}
