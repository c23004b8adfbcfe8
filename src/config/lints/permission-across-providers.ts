import { below, top } from '../source-file.ts';
import { type Names, readingsOf } from './conditions.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { conditionsIn, type LintedApp, type Whole } from './whole.ts';

function* find({ policies, apps, floors }: Whole): Iterable<Found> {
  const names: Names = new Map(conditionsIn(policies));
  const uses = usesOf(apps);
  for (const [name, text] of names) {
    const fact = ambiguousFact(text, names);
    const providers = providersOf(uses.get(name) ?? new Set());
    if (fact === null || providers.length < 2) continue;
    yield foundAt(below(top(policies), 'conditions', name), fact, providers);
  }
  const byName = new Map(apps.map((app) => [app.name, app]));
  for (const { where, laid } of floors) {
    const when = laid[0]?.floor.when;
    if (!when || names.has(when.text.trim())) continue;
    const fact = ambiguousFact(when.text, names);
    const providers = providersOf(new Set(laid.flatMap(({ app }) => byName.get(app) ?? [])));
    if (fact !== null && providers.length > 1) yield foundAt(below(where, 'when'), fact, providers);
  }
}

const foundAt = (where: ReturnType<typeof below>, fact: string, providers: readonly string[]): Found => ({
  where,
  message: `${fact} is told by several providers here, and means another thing at each: ${providers.join(', ')}`,
  hint: 'ask for user.provider too, such as user.provider == "corp" && …',
});

/** What a condition reads that is only meaningful together with who says so. */
function ambiguousFact(text: string, names: Names): string | null {
  const read = readingsOf(text, names).map(({ name }) => name);
  if (read.includes('user.provider')) return null;
  return read.find((name) => name === 'user.groups' || name === 'user.email') ?? null;
}

const providersOf = (apps: ReadonlySet<LintedApp>): readonly string[] =>
  [...new Set([...apps].map(({ running }) => running.entry.provider))].sort();

/** Which apps use which of the conditions that policies.yaml names, by way of others too. */
function usesOf(apps: readonly LintedApp[]): ReadonlyMap<string, ReadonlySet<LintedApp>> {
  const uses = new Map<string, Set<LintedApp>>();
  for (const app of apps) {
    const texts = new Set(
      [
        app.policy.only,
        ...app.rules.flatMap(({ rule }) => [rule.when, rule.only]),
        ...app.floors.map(({ floor }) => floor.when),
      ].flatMap((condition) => condition?.text ?? []),
    );
    for (const text of texts) {
      for (const { name } of readingsOf(text, app.conditions)) {
        if (app.conditions.has(name)) uses.set(name, (uses.get(name) ?? new Set()).add(app));
      }
    }
  }
  return uses;
}

export const permissionAcrossProviders: Lint = {
  id: 'permission-across-providers',
  severity: 'warning',
  summary: 'A named condition or a floor asks for groups or an address, for apps of different providers.',
  why: `A group is a word that a provider writes. \`admins\` of a partner's provider are not your \`admins\`, and whoever runs that provider
decides who they are; an address says only that this provider takes it for verified. A condition for apps of several providers says which of
them it believes.`,
  wrong: {
    policies: `conditions:
  admins: '"admins" in user.groups'
apps:
  wiki: {only: admins}
  shop: {only: admins}`,
    gateway: `providers:
  partner: {claims: {groups: roles}}
apps:
  shop: {provider: partner}`,
  },
  right: {
    policies: `conditions:
  admins: 'user.provider == "corp" && "admins" in user.groups'
apps:
  wiki: {only: admins}
  shop: {only: admins}`,
    gateway: `providers:
  partner: {claims: {groups: roles}}
apps:
  shop: {provider: partner}`,
  },
  meant: `A named condition says which providers it means. ${acceptAt('floor', 'permission-across-providers')}`,
  find,
};
