import { foldCase } from '../core/canonical-path.ts';
import { type Ordered, PathTree } from '../core/path-tree.ts';
import type { Origin } from './addresses.ts';
import type { RunningApp } from './compile-gateway-apps.ts';
import type { Findings } from './findings.ts';
import { mountPattern } from './patterns.ts';
import { below } from './source-file.ts';
import type { App, HostEntry, Mount } from './world.ts';

/** An origin and the apps on it. */
interface Site {
  readonly origin: Origin;
  readonly apps: RunningApp[];
}

/** Which apps are on which origin, after reporting those that cannot be there together. */
export function gatherSites(apps: Iterable<RunningApp>, findings: Findings): readonly Site[] {
  const byHost = new Map<string, Site>();
  for (const app of apps) {
    for (const [i, origin] of app.entry.origins.entries()) {
      const where = below(app.where, 'origins', i);
      const taken = origin.hosts.map((host) => byHost.get(host)).find((site) => site !== undefined);
      if (taken === undefined) {
        const site: Site = { origin, apps: [app] };
        for (const host of origin.hosts) byHost.set(host, site);
      } else if (taken.origin.origin !== origin.origin) {
        const message = `${origin.origin} and ${taken.origin.origin} have one Host header: no request could tell them apart`;
        findings.problem(where, 'origin-two-schemes', message);
      } else if (taken.apps.includes(app)) {
        findings.problem(where, 'duplicate-origin', `${origin.origin} is listed twice`);
      } else {
        checkNeighbours(app, taken, findings);
        taken.apps.push(app);
      }
    }
  }
  return [...new Set(byHost.values())];
}

function checkNeighbours(app: RunningApp, site: Site, findings: Findings): void {
  const origin = site.origin.origin;
  const path = (mounted: RunningApp): string => `/${mounted.mount.join('/')}`;
  // Where one of the two has an upstream that folds case, a difference in case is none.
  const compared = (mounted: RunningApp, other: RunningApp): string =>
    mounted.paths.windows || other.paths.windows ? foldCase(path(mounted)) : path(mounted);
  const twin = site.apps.find((other) => compared(other, app) === compared(app, other));
  if (twin !== undefined) {
    const message = `"${twin.name}" is at ${path(twin)} of ${origin} already`;
    findings.problem(below(app.where, 'path'), 'mount-taken', message);
  }
  const other = site.apps[0];
  if (other !== undefined && other.entry.provider !== app.entry.provider) {
    const message = `"${other.name}" is on ${origin} too, with the provider "${other.entry.provider}"`;
    findings.problem(below(app.where, 'provider'), 'origin-two-providers', message, 'one origin has one provider');
  }
}

/** Reports apps that share an origin: scripts of one can act in the other, whatever levels they ask for. */
export function noteSharedOrigins(sites: readonly Site[], findings: Findings): void {
  for (const { origin, apps } of sites) {
    for (const app of apps.slice(1)) {
      const message = `"${app.name}" shares ${origin.origin} with "${apps[0]?.name}": differing levels are no boundary there`;
      findings.notice(below(app.where, 'origins'), 'shared-origin', message, 'give each its own origin');
    }
  }
}

/** The table of `Host` headers. */
export function hostTable(sites: readonly Site[], apps: ReadonlyMap<string, App>): ReadonlyMap<string, HostEntry> {
  const hosts = new Map<string, HostEntry>();
  for (const { origin, apps: mounted } of sites) {
    const mounts = new PathTree<Mount>();
    const foldedMounts = new PathTree<Mount>();
    const longestFirst = [...mounted].sort((a, b) => b.mount.length - a.mount.length);
    for (const [order, { name, mount }] of longestFirst.entries()) {
      const app = apps.get(name);
      if (app === undefined) continue;
      mounts.add(mountPattern(mount), { order, app } satisfies Mount & Ordered);
      foldedMounts.add(mountPattern(mount.map(foldCase)), { order, app });
    }
    const providers = [...new Set(mounted.map((app) => app.entry.provider))];
    const entry: HostEntry = { origin: origin.origin, secure: origin.secure, providers, mounts, foldedMounts };
    for (const host of origin.hosts) hosts.set(host, entry);
  }
  return hosts;
}
