import type { EvidenceMap } from '../core/evidence.ts';
import type { Ladder, Level } from '../core/ladder.ts';
import { reportUnknownLevel } from './compile-ladder.ts';
import { secretAt } from './compile-secrets.ts';
import type { Findings } from './findings.ts';
import { type ProviderEntry, providerSchema } from './gateway-schema.ts';
import { checkProviderName } from './names.ts';
import type { SecretSource } from './secrets.ts';
import { readShape } from './shape.ts';
import { below, keysAt, type SourceFile, top, type Where } from './source-file.ts';
import type { OidcProviderConfig } from './world.ts';

/** A provider before it is known which groups its apps name. */
export interface CompiledProvider {
  readonly config: Omit<OidcProviderConfig, 'keepsGroup'>;
  /** The levels it can prove, weakest first. */
  readonly provable: readonly Level[];
}

/**
 * Compiles the providers of gateway.yaml. One that is wrong stays as a name with null behind it.
 *
 * @param ladder - null where policies.yaml has none: levels are not compared then
 * @param secrets - null leaves references to secrets unread
 */
export function compileProviders(
  gateway: SourceFile,
  ladder: Ladder | null,
  secrets: SecretSource | null,
  findings: Findings,
): ReadonlyMap<string, CompiledProvider | null> {
  const providers = new Map<string, CompiledProvider | null>();
  const all = below(top(gateway), 'providers');
  for (const name of keysAt(all)) {
    const where = below(all, name);
    checkProviderName(name, where, findings);
    const clientSecret = secretAt(below(where, 'client_secret'), secrets, findings);
    const entry = readShape(providerSchema, where, findings);
    if (entry === null) {
      providers.set(name, null);
      continue;
    }
    checkScopes(entry, where, findings);
    const evidence = compileEvidence(entry, where, ladder, findings);
    providers.set(
      name,
      evidence && { config: configOf(name, entry, clientSecret ?? '', evidence), provable: provableBy(evidence) },
    );
  }
  return providers;
}

function configOf(
  name: string,
  entry: ProviderEntry,
  clientSecret: string,
  evidence: EvidenceMap,
): CompiledProvider['config'] {
  return {
    type: 'oidc',
    name,
    issuer: entry.issuer,
    clientId: entry.client_id,
    clientSecret,
    clientAuth: entry.client_auth,
    evidence,
    ask: entry.ask ?? null,
    scopes: entry.scopes,
    claims: { email: entry.claims.email, name: entry.claims.name, groups: entry.claims.groups ?? null },
    idTokenAlgorithm: entry.id_token_alg,
    clockTolerance: entry.clock_tolerance,
    timeout: entry.timeout,
  };
}

function checkScopes(entry: ProviderEntry, where: Where, findings: Findings): void {
  if (entry.scopes.includes('openid')) return;
  findings.problem(
    below(where, 'scopes'),
    'bad-scope',
    'without the scope "openid" there is no ID token',
    'add openid',
  );
}

/** What proves which level; null after reporting why that is not known. */
function compileEvidence(
  entry: ProviderEntry,
  where: Where,
  ladder: Ladder | null,
  findings: Findings,
): EvidenceMap | null {
  const names = Object.keys(entry.levels);
  if (names.length === 0 && entry.unmarked === undefined) {
    const hint = 'say under "levels" which acr proves which level';
    findings.problemAtKey(where, 'proves-nothing', 'this provider proves no level', hint);
    return null;
  }
  if (ladder === null) return null;
  const levels = below(where, 'levels');
  const marks: EvidenceMap['marks'][number][] = [];
  let fine = true;
  for (const name of names) {
    const level = ladder.named.get(name);
    const acr = entry.levels[name]?.acr ?? '';
    const twin = marks.find((mark) => mark.acr === acr);
    if (level === undefined) reportUnknownLevel(name, below(levels, name), true, ladder, findings);
    else if (twin !== undefined) {
      const message = `"${acr}" proves "${twin.level.name}" already: one acr proves one level`;
      findings.problem(below(levels, name, 'acr'), 'duplicate-acr', message);
    } else {
      marks.push({ level, acr });
      continue;
    }
    fine = false;
  }
  const unmarked = entry.unmarked === undefined ? null : ladder.named.get(entry.unmarked);
  if (unmarked === undefined) {
    reportUnknownLevel(entry.unmarked ?? '', below(where, 'unmarked'), false, ladder, findings);
    return null;
  }
  return fine ? { marks: marks.sort((a, b) => b.level.rank - a.level.rank), unmarked } : null;
}

function provableBy(evidence: EvidenceMap): readonly Level[] {
  const levels = new Set(evidence.marks.map((mark) => mark.level));
  if (evidence.unmarked !== null) levels.add(evidence.unmarked);
  return [...levels].sort((a, b) => a.rank - b.rank);
}
