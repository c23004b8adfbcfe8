import { createHash } from 'node:crypto';
import { memberOf } from './addresses.ts';
import { besideFile } from './beside-file.ts';
import { createLanguage } from './cel/language.ts';
import { compileAssertion } from './compile-assertion.ts';
import { compileGatewayApps } from './compile-gateway-apps.ts';
import { compileLadder } from './compile-ladder.ts';
import { compileNetworks } from './compile-networks.ts';
import { compilePolicyApps } from './compile-policy-apps.ts';
import { type CompiledProvider, compileProviders } from './compile-providers.ts';
import { compileSecrets } from './compile-secrets.ts';
import { checkTransient } from './compile-transient.ts';
import type { Findings } from './findings.ts';
import { type GatewayEntry, gatewaySchema } from './gateway-schema.ts';
import { gatherSites, hostTable, noteSharedOrigins } from './hosts.ts';
import { joinApps, joinProviders, messagesOf } from './join.ts';
import { lint } from './lints/run.ts';
import { suggest } from './nearest.ts';
import { policiesSchema } from './policies-schema.ts';
import { compileTests } from './policy-tests/compile-tests.ts';
import { reportFailing } from './policy-tests/run-tests.ts';
import type { SecretSource } from './secrets.ts';
import { readShape } from './shape.ts';
import { below, isPlainMap, keysAt, type SourceFile, top, valueAt, type Where } from './source-file.ts';
import type { LedgerLocation, World } from './world.ts';

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
