import type { Demand } from '../core/demand.ts';
import type { Level } from '../core/ladder.ts';
import type { Seconds } from '../core/time.ts';
import { TRANSIENT } from '../saml/names.ts';
import type { DemandedApp, GatewaySide } from './compile-policy-apps.ts';
import type { CompiledProvider } from './compile-providers.ts';
import type { Findings } from './findings.ts';
import { below, type SourceFile, top } from './source-file.ts';

/**
 * Reports SAML providers whose people have another name at each sign-in, where a policy may ask them for a second one:
 * nobody could tell then that it is the same person who comes back. That a proof lapses before the session ends is enough.
 *
 * @param lifetime - of a session
 */
export function checkTransient(
  gateway: SourceFile,
  { apps, providers }: GatewaySide,
  demanded: ReadonlyMap<string, DemandedApp>,
  lifetime: Seconds,
  findings: Findings,
): void {
  for (const [name, provider] of providers) {
    const key = provider && keyOfTransient(provider);
    if (provider === null || key === null) continue;
    const where = below(top(gateway), 'providers', name, key);
    for (const [app, running] of apps) {
      const policy = running?.entry.provider === name ? demanded.get(app) : undefined;
      const source = policy && secondSignIn(policy, provider.provable[0], lifetime);
      if (!source) continue;
      const message = `people have another name at each sign-in there, and "${source}" may ask for a second one within a session`;
      const hint = 'say who they are by an attribute (subject: attribute uid), or ask for persistent names';
      findings.problem(where, 'transient-cannot-step-up', message, hint);
      break;
    }
  }
}

/** The key that says so: the format that is asked for, or metadata that offer no other. */
function keyOfTransient({ config }: CompiledProvider): 'name_id_format' | 'metadata' | null {
  if (config.type !== 'saml' || config.subject !== null) return null;
  if (config.nameIdFormat === TRANSIENT) return 'name_id_format';
  const offered = config.metadata.kind === 'file' ? (config.metadata.idp?.nameIdFormats ?? []) : [];
  return offered.length > 0 && offered.every((format) => format === TRANSIENT) ? 'metadata' : null;
}

/** Who demands what one sign-in at the weakest level, whenever it was within the session, is not enough for. */
function secondSignIn(policy: DemandedApp, weakest: Level | undefined, lifetime: Seconds): string | null {
  const lasts = ({ maxAge, since, spans }: Demand): boolean =>
    weakest !== undefined && maxAge === null && since === null && (spans[weakest.rank] ?? 0) >= lifetime;
  const rules = policy.ruleList.filter(({ rule, off }) => rule.mode === 'enforce' && !off).map(({ rule }) => rule);
  const floors = policy.floorList.filter(({ floor, off }) => floor.mode === 'enforce' && !off);
  const demands = [...rules, ...floors.map(({ floor }) => floor)].flatMap(({ effect }) =>
    effect.kind === 'require' ? effect.demands : [],
  );
  const again = rules.find(({ oneTime }) => oneTime);
  if (again !== undefined) return again.id;
  return (
    [...(policy.require === null ? [] : [policy.require]), ...demands].find((demand) => !lasts(demand))?.source ?? null
  );
}
