import { PathTree } from '../core/path-tree.ts';
import type { Exception, Floor } from '../core/policy.ts';
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

/** A floor as it is written, before it is laid over an app. */
export interface WrittenFloor {
  readonly entry: FloorEntry;
  readonly where: Where;
}

/** Reads `floors` of policies.yaml, whatever app they are about. */
export function readFloors(policies: SourceFile, findings: Findings): readonly WrittenFloor[] {
  const list = below(top(policies), 'floors');
  const apps = keysAt(below(top(policies), 'apps'));
  const ids = new Set<string>();
  const floors: WrittenFloor[] = [];
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
    floors.push({ entry, where });
  }
  return floors;
}

function checkApps(
  named: readonly string[] | undefined,
  where: Where,
  apps: readonly string[],
  findings: Findings,
): void {
  for (const [i, app] of (named ?? []).entries()) {
    if (apps.includes(app)) continue;
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

/** Lays a floor over one app. Null where it is not about it, or after reporting what is wrong with it. */
export function compileFloor(
  order: number,
  { entry, where }: WrittenFloor,
  context: RuleContext,
  findings: Findings,
): PlacedFloor | null {
  if (entry.apps !== undefined && !entry.apps.includes(context.app)) return null;
  const anywhere = { mount: null, windows: context.windows };
  const patterns = compilePaths(entry.path, where, anywhere, findings).filter(
    (pattern) => context.mount === null || canLieUnderMount(pattern, context.mount, context.windows),
  );
  const id = `floor/${entry.id}`;
  const { message, note } = entry;
  const demand = compileDemand(entry, { owner: where, source: id, message, note }, context, findings);
  const criteria = compileCriteria(entry, where, context.language, findings);
  const except = compileExceptions(entry, where, context, findings);
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

function compileExceptions(
  entry: FloorEntry,
  where: Where,
  context: RuleContext,
  findings: Findings,
): PathTree<Exception> | null {
  const tree = new PathTree<Exception>();
  let any = false;
  for (const [order] of (entry.except ?? []).entries()) {
    const place = below(where, 'except', order);
    const exception = readShape(exceptionSchema, place, findings);
    if (exception === null) continue;
    const apps = keysAt(below(top(where.source), 'apps'));
    checkApps(exception.app, below(place, 'app'), apps, findings);
    if (exception.app === undefined && exception.path === undefined && exception.methods === undefined) {
      findings.problem(place, 'contradiction', 'an exception of everything leaves nothing', 'name an app or a path');
    }
    if (exception.app !== undefined && !exception.app.includes(context.app)) continue;
    const anywhere = { mount: exception.app === undefined ? null : context.mount, windows: context.windows };
    const methods = compileMethods(exception.methods, place, findings);
    for (const pattern of compilePaths(exception.path, place, anywhere, findings)) {
      any = true;
      tree.add(pattern, { order, methods });
    }
  }
  return any ? tree : null;
}
