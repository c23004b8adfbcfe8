import { type Demand, meetsLevel } from '../../core/demand.ts';
import { below, top } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import type { LintedApp, Whole } from './whole.ts';

function* find({ gateway, providers, apps, ladder }: Whole): Iterable<Found> {
  for (const [name, { config }] of providers) {
    const { unmarked } = config.evidence;
    if (unmarked === null) continue;
    const demand = apps
      .filter(({ running }) => running.entry.provider === name)
      .flatMap(demandsOf)
      .find((one) => meetsLevel(unmarked, one) && isAboveAnother(one, ladder.levels[0]?.rank ?? 0));
    if (demand === undefined) continue;
    const message = `a sign-in that says nothing of itself meets the demand for "${demand.level.name}" of ${demand.source}`;
    yield {
      where: below(top(gateway), 'providers', name, 'unmarked'),
      message,
      hint: 'say under "levels" what proves it',
    };
  }
}

const isAboveAnother = ({ level }: Demand, lowest: number): boolean =>
  level.rank !== lowest && (level.countsFor & (level.countsFor - 1)) !== 0;

function demandsOf({ policy, rules, floors }: LintedApp): readonly Demand[] {
  const effects = [...rules.map(({ rule }) => rule.effect), ...floors.map(({ floor }) => floor.effect)];
  const demands = effects.flatMap((effect) => (effect.kind === 'require' ? effect.demands : []));
  return policy.require === null ? demands : [policy.require, ...demands];
}

export const unmarkedSatisfies: Lint = {
  id: 'unmarked-satisfies',
  severity: 'warning',
  summary: 'Sign-ins of unknown kind are worth a level above the weakest that something demands.',
  why: `\`unmarked\` is what a sign-in is worth that carries none of the marks under \`levels\`: no known acr, or none at all. Providers leave
the mark out for reasons of their own, also where a second factor was skipped. Above the weakest level a proof should say what it is.`,
  wrong: {
    policies: `apps:
  wiki: {require: mfa}`,
    gateway: `providers:
  partner: {unmarked: mfa}
apps:
  wiki: {provider: partner}`,
  },
  right: {
    policies: `apps:
  wiki: {require: mfa}`,
    gateway: `providers:
  partner: {unmarked: password, levels: {mfa: {acr: "urn:partner:two-factors"}}}
apps:
  wiki: {provider: partner}`,
  },
  meant: acceptAt('provider', 'unmarked-satisfies'),
  find,
};
