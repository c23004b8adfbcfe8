import type { Condition } from '../../core/condition.ts';
import { below } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import type { LintedApp, Whole } from './whole.ts';

/** Claims that providers give for a scope (OpenID Connect Core 5.4). */
const SCOPE_OF: ReadonlyMap<string, string> = new Map([
  ['email', 'email'],
  ['email_verified', 'email'],
  ['phone_number', 'phone'],
  ['phone_number_verified', 'phone'],
  ['address', 'address'],
  ...'name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate zoneinfo locale updated_at'
    .split(' ')
    .map((claim) => [claim, 'profile'] as const),
]);

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    const said = new Set<string>();
    const check = function* (condition: Condition | null, where: Found['where']): Iterable<Found> {
      const lack = condition && lackOf(condition, app);
      if (lack === null || said.has(lack.message)) return;
      said.add(lack.message);
      yield { where, ...lack };
    };
    yield* check(app.policy.only, below(app.where, 'only'));
    for (const { rule, where } of app.rules) {
      yield* check(rule.when, below(where, 'when'));
      yield* check(rule.only, below(where, 'only'));
    }
    for (const { floor, where } of app.floors) yield* check(floor.when, below(where, 'when'));
  }
}

/** What a condition asks for that the app's provider is never asked for. */
function lackOf({ reads }: Condition, { provider }: LintedApp): Pick<Found, 'message' | 'hint'> | null {
  const { name, type, claims } = provider.config;
  const names = reads.names;
  for (const key of ['groups', 'email', 'name'] as const) {
    if (!names.has(`user.${key}`) || claims[key] !== null) continue;
    const source = type === 'saml' ? 'attribute' : 'claim';
    const message = `nobody has a user.${key}: the provider "${name}" does not say which ${source} it is in`;
    return { message, hint: `write claims: {${key}: …} at the provider in gateway.yaml` };
  }
  // A SAML provider is sent no scopes: it says what it was set up to say.
  if (provider.config.type === 'saml') return null;
  const { scopes } = provider.config;
  const read = [
    ...reads.claims,
    ...(names.has('user.email') ? [provider.config.claims.email] : []),
    ...(names.has('user.name') ? [provider.config.claims.name] : []),
  ];
  for (const claim of read) {
    const scope = SCOPE_OF.get(claim);
    if (scope === undefined || scopes.includes(scope)) continue;
    const message = `the claim "${claim}" comes with the scope "${scope}", which the provider "${name}" is not asked for`;
    return { message, hint: `add ${scope} to its scopes in gateway.yaml` };
  }
  return null;
}

export const unknownClaim: Lint = {
  id: 'unknown-claim',
  severity: 'warning',
  summary: 'A condition asks for groups or a claim that the provider is never asked for.',
  why: `What nobody asks for does not come. Groups are empty then, so that \`only\` refuses everybody; a claim that is missing makes the condition
fail, and what fails is decided as strictly as possible. Which claim groups are in is said at the provider, and of one that speaks SAML also
which attributes name and address are in; standard claims come with their scopes (OpenID Connect Core 5.4).`,
  wrong: {
    policies: `apps:
  wiki: {only: '"staff" in user.groups'}`,
    gateway: `apps:
  wiki: {provider: partner}`,
  },
  right: {
    policies: `apps:
  wiki: {only: '"staff" in user.groups'}`,
    gateway: `providers:
  partner: {claims: {groups: roles}}
apps:
  wiki: {provider: partner}`,
  },
  meant: acceptAt('rule, floor or app', 'unknown-claim'),
  find,
};
