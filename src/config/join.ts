import { demandOn } from '../core/demand.ts';
import type { Ladder } from '../core/ladder.ts';
import { soughtIn } from '../core/sought.ts';
import type { RunningApp } from './compile-gateway-apps.ts';
import type { DemandedApp } from './compile-policy-apps.ts';
import type { CompiledProvider } from './compile-providers.ts';
import { groupsKept, groupsTold, readByConditions } from './compile-reads.ts';
import type { App, ProviderConfig, World } from './world.ts';

/** Every app: what is demanded of it, and how it runs. */
export function joinApps(
  running: Iterable<RunningApp>,
  ladder: Ladder,
  demanded: ReadonlyMap<string, DemandedApp>,
  providers: ReadonlyMap<string, CompiledProvider | null>,
): ReadonlyMap<string, App> {
  const apps = new Map<string, App>();
  for (const { name, entry, mount, paths, background } of running) {
    const policy = demanded.get(name);
    const provider = providers.get(entry.provider);
    if (!policy || !provider) continue;
    const { file: _file, ...demands } = policy;
    const [weakest] = provider.provable;
    apps.set(name, {
      name,
      ...demands,
      signIn: weakest === undefined ? null : demandOn(ladder, { level: weakest, source: name }),
      provable: provider.provable,
      paths,
      origins: entry.origins.map(({ origin }) => origin),
      mount: `/${mount.join('/')}`,
      upstream: entry.upstream,
      provider: entry.provider,
      evidence: provider.config.evidence,
      ...readFrom(policy, entry.groups),
      background,
      timeouts: entry.timeouts,
    });
  }
  return apps;
}

/** What of a person has to be known for an app, and what of it its upstream is told. */
function readFrom(policy: DemandedApp, patterns: readonly string[]) {
  const read = readByConditions([policy], 'enforced');
  return { sought: soughtIn(read), ...groupsTold(patterns, read) };
}

/** Every provider, with what its apps and their conditions read of a person. */
export function joinProviders(
  providers: Iterable<CompiledProvider>,
  running: readonly RunningApp[],
  apps: ReadonlyMap<string, App>,
): ReadonlyMap<string, ProviderConfig> {
  const joined = new Map<string, ProviderConfig>();
  for (const { config } of providers) {
    const patterns = running.filter(({ entry }) => entry.provider === config.name).flatMap(({ entry }) => entry.groups);
    const read = readByConditions(
      [...apps.values()].filter(({ provider }) => provider === config.name),
      'all',
    );
    joined.set(config.name, {
      ...config,
      claimsKept: read.claims,
      sought: soughtIn(read),
      ...groupsKept(patterns, read),
    });
  }
  return joined;
}

/** What rules and floors say to people, by the source of their demands. */
export function messagesOf(apps: Iterable<App>): World['messages'] {
  const messages = new Map<string, ReadonlyMap<string, string>>();
  for (const { ruleList, floorList } of apps) {
    for (const { effect } of [...ruleList.map(({ rule }) => rule), ...floorList.map(({ floor }) => floor)]) {
      if (effect.kind !== 'require') continue;
      for (const { source, message, level } of effect.demands)
        if (message !== level.message) messages.set(source, message);
    }
  }
  return messages;
}
