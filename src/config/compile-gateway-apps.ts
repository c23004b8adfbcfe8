import type { PathOptions } from '../core/canonical-path.ts';
import { type Ordered, PathTree } from '../core/path-tree.ts';
import type { Findings } from './findings.ts';
import { type GatewayAppEntry, gatewayAppSchema } from './gateway-schema.ts';
import { checkAppName } from './names.ts';
import { suggest } from './nearest.ts';
import { type MountSegments, parseAppPattern, parseMount } from './patterns.ts';
import { isWrong } from './problems.ts';
import { readShape } from './shape.ts';
import { below, keysAt, type SourceFile, top, type Where } from './source-file.ts';

/** How the operator runs an app. */
export interface RunningApp {
  readonly name: string;
  readonly where: Where;
  readonly entry: GatewayAppEntry;
  readonly mount: MountSegments;
  readonly paths: PathOptions;
  readonly background: PathTree<Ordered> | null;
}

/** Compiles the apps of gateway.yaml. One that is wrong stays as a name with null behind it. */
export function compileGatewayApps(gateway: SourceFile, findings: Findings): ReadonlyMap<string, RunningApp | null> {
  const apps = new Map<string, RunningApp | null>();
  const all = below(top(gateway), 'apps');
  const providers = keysAt(below(top(gateway), 'providers'));
  for (const name of keysAt(all)) {
    const where = below(all, name);
    checkAppName(name, where, findings);
    const entry = readShape(gatewayAppSchema, where, findings);
    apps.set(name, entry && compileGatewayApp(name, entry, where, providers, findings));
  }
  return apps;
}

function compileGatewayApp(
  name: string,
  entry: GatewayAppEntry,
  where: Where,
  providers: readonly string[],
  findings: Findings,
): RunningApp | null {
  if (!providers.includes(entry.provider)) {
    const message = `there is no provider "${entry.provider}"`;
    findings.problem(below(where, 'provider'), 'unknown-provider', message, suggest(entry.provider, providers));
  }
  const mount = parseMount(entry.path);
  if (isWrong(mount)) {
    findings.problem(below(where, 'path'), mount.wrong, mount.message, mount.hint);
    return null;
  }
  const paths: PathOptions = {
    encodedSlash: entry.paths.encoded_slash,
    doubleSlash: entry.paths.double_slash,
    parameters: entry.paths.parameters,
    windows: entry.paths.windows,
  };
  return { name, where, entry, mount, paths, background: compileBackground(entry, where, mount, findings) };
}

function compileBackground(
  entry: GatewayAppEntry,
  where: Where,
  mount: MountSegments,
  findings: Findings,
): PathTree<Ordered> | null {
  if (entry.background.length === 0) return null;
  const tree = new PathTree<Ordered>();
  for (const [order, written] of entry.background.entries()) {
    const pattern = parseAppPattern(written, mount, entry.paths.windows);
    if (isWrong(pattern)) {
      findings.problem(below(where, 'background', order), pattern.wrong, pattern.message, pattern.hint);
    } else tree.add(pattern, { order });
  }
  return tree;
}
