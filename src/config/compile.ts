import { createHash } from 'node:crypto';
import { demandOn } from '../core/demand.ts';
import type { Ladder } from '../core/ladder.ts';
import { soughtIn } from '../core/sought.ts';
import { memberOf } from './addresses.ts';
import { besideFile } from './beside-file.ts';
import { createLanguage } from './cel/language.ts';
import { compileAssertion } from './compile-assertion.ts';
import { compileGatewayApps, type RunningApp } from './compile-gateway-apps.ts';
import { compileLadder } from './compile-ladder.ts';
import { compileNetworks } from './compile-networks.ts';
import { compilePolicyApps, type DemandedApp } from './compile-policy-apps.ts';
import { type CompiledProvider, compileProviders } from './compile-providers.ts';
import { groupsKept, groupsTold, readByConditions } from './compile-reads.ts';
import { compileSecrets } from './compile-secrets.ts';
import { checkTransient } from './compile-transient.ts';
import type { Findings } from './findings.ts';
import { type GatewayEntry, gatewaySchema } from './gateway-schema.ts';
import { gatherSites, hostTable, noteSharedOrigins } from './hosts.ts';
import { lint } from './lints/run.ts';
import { suggest } from './nearest.ts';
import { policiesSchema } from './policies-schema.ts';
import { compileTests } from './policy-tests/compile-tests.ts';
import { reportFailing } from './policy-tests/run-tests.ts';
import type { SecretSource } from './secrets.ts';
import { readShape } from './shape.ts';
import { below, isPlainMap, keysAt, type SourceFile, top, valueAt, type Where } from './source-file.ts';
import type { App, LedgerLocation, ProviderConfig, World } from './world.ts';

/** The files of a configuration. */
export interface ConfigFiles {
  /** Null where it could not be read. */
  readonly gateway: SourceFile | null;
  readonly policies: SourceFile | null;
  /** Reads the file that an app of policies.yaml names there. Null after reporting why it cannot be read. */
  readonly appFile: (where: Where) => SourceFile | null;
}

/**
 * Compiles the files into a world. Goes on after problems, so that all are found at once.
 *
 * @param secrets - null leaves references to secrets unread; the world then has no key material and is not to be served
 * @returns null if anything is wrong
 */
export function compile(
  { gateway, policies, appFile }: ConfigFiles,
  secrets: SecretSource | null,
  findings: Findings,
): World | null {
  const settings = gateway && readShape(gatewaySchema, top(gateway), findings);
  if (policies !== null) readShape(policiesSchema, top(policies), findings);
  const ladder = policies && compileLadder(policies, findings);
  const providers = gateway && compileProviders(gateway, ladder, secrets, findings);
  const running = gateway && compileGatewayApps(gateway, findings);
  const keys = gateway && compileSecrets(gateway, secrets, findings);
  const configs = [...known(providers?.values() ?? [])].flatMap(({ config }) => (config.type === 'oidc' ? config : []));
  const assertion = gateway && settings && compileAssertion(settings, gateway, secrets, configs, findings);
  const side = running && providers && { apps: running, providers };
  const networks = policies && compileNetworks(policies, findings);
  const vocabulary = { ladder, networks: networks ?? new Map(), providers: providers && [...providers.keys()] };
  const language = policies && createLanguage(vocabulary).with(below(top(policies), 'conditions'), findings);
  const context = language && { ladder, language, gateway: side, appFile };
  const demanded = policies && context && compilePolicyApps(policies, context, findings);
  const tests =
    policies && ladder && demanded && compileTests(policies, { ladder, gateway: side, apps: demanded }, findings);
  if (gateway && policies) compareApps(gateway, policies, findings);
  if (gateway && settings) checkSettings(settings, gateway, findings);
  if (gateway && settings && side && demanded)
    checkTransient(gateway, side, demanded, settings.session.lifetime, findings);
  const sites = gatherSites(known(running?.values() ?? []), findings);
  noteSharedOrigins(sites, findings);

  if (
    !gateway ||
    !policies ||
    !settings ||
    !ladder ||
    !providers ||
    !running ||
    !demanded ||
    !tests ||
    !keys ||
    !assertion
  )
    return null;
  if (findings.failed()) return null;
  const apps = joinApps(known(running.values()), ladder, demanded, providers);
  const world: World = {
    hash: hashOf([
      ...[gateway, policies, ...[...demanded.values()].flatMap(({ file }) => file ?? [])].map(({ text }) => text),
      ...metadataOf(known(providers.values())),
    ]),
    listen: settings.listen,
    trustsProxy: memberOf(settings.trusted_proxies),
    secrets: keys,
    session: settings.session,
    attempts: settings.attempts,
    assertion,
    ledger: ledgerOf(settings, gateway.file),
    cookiePrefix: settings.cookie.prefix,
    ladder,
    messages: messagesOf(apps.values()),
    hosts: hostTable(sites, apps),
    apps,
    providers: joinProviders(known(providers.values()), [...known(running.values())], apps),
    tests: tests.map(({ test }) => test),
  };
  const whole = { gateway, policies, ladder, providers, running, demanded, lifetime: settings.session.lifetime };
  lint({ ...whole, trustsEveryone: settings.trusted_proxies.some(([, bits]) => bits === 0) }, findings);
  reportFailing(world, tests, findings);
  return findings.failed() ? null : world;
}

function* known<T>(values: Iterable<T | null>): Iterable<T> {
  for (const value of values) if (value !== null) yield value;
}

function compareApps(gateway: SourceFile, policies: SourceFile, findings: Findings): void {
  const pairs = [
    [gateway, policies],
    [policies, gateway],
  ] as const;
  for (const [one, other] of pairs) {
    const apps = below(top(one), 'apps');
    if (!isPlainMap(valueAt(apps)) || !isPlainMap(valueAt(below(top(other), 'apps')))) continue;
    const theirs = keysAt(below(top(other), 'apps'));
    const mine = keysAt(apps);
    if (mine.length === 0) findings.problem(apps, 'nothing-listed', 'there are no apps');
    for (const name of mine) {
      if (theirs.includes(name)) continue;
      const unmatched = theirs.filter((theirName) => !mine.includes(theirName));
      const hint = suggest(name, unmatched) ?? `add it under "apps" there, or remove it here`;
      const message = `${other.file} has no app "${name}": an app stands in both files`;
      findings.problemAtKey(below(apps, name), 'unknown-app', message, hint);
    }
  }
}

function checkSettings(settings: GatewayEntry, gateway: SourceFile, findings: Findings): void {
  if (settings.session.idle > settings.session.lifetime) {
    const message = 'the idle time is longer than the lifetime, so it would never end a session';
    const where = below(top(gateway), 'session', 'idle');
    findings.problem(where, 'idle-exceeds-lifetime', message, 'make idle shorter, or lifetime longer');
  }
  for (const [i, [, bits]] of settings.trusted_proxies.entries()) {
    if (bits > 0) continue;
    const message = 'everybody is believed about who they forward for';
    findings.notice(below(top(gateway), 'trusted_proxies', i), 'trusts-everyone', message, 'name your proxies only');
  }
}

function ledgerOf(settings: GatewayEntry, file: string): LedgerLocation {
  if (settings.ledger === 'memory') return { kind: 'memory' };
  return { kind: 'sqlite', file: besideFile(file, settings.ledger.slice('sqlite:'.length)) };
}

function joinApps(
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

function joinProviders(
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
function messagesOf(apps: Iterable<App>): World['messages'] {
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

/** What files of metadata say: they are part of what is believed. */
const metadataOf = (providers: Iterable<CompiledProvider>): readonly string[] =>
  [...providers].flatMap(({ config }) =>
    config.type === 'saml' && config.metadata.kind === 'file' ? JSON.stringify(config.metadata.idp) : [],
  );

/** The lengths keep texts apart that are one when joined. */
function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}
