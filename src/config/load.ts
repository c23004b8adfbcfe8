import { appFileReader } from './app-file.ts';
import { besideFile } from './beside-file.ts';
import { compile } from './compile.ts';
import { createFindings, type Findings } from './findings.ts';
import type { Notice, Problem } from './problems.ts';
import type { SecretSource } from './secrets.ts';
import type { ProviderConfig, ProviderWithoutSecrets, World } from './world.ts';
import { readYaml } from './yaml-file.ts';

/** A file as it is named to people, and its text. */
export interface ConfigText {
  readonly file: string;
  readonly text: string;
}

/** What secrets are read from. */
export interface SecretAccess {
  readonly env: (name: string) => string | undefined;
  /** Relative paths are already made relative to the folder of the file that names them. @throws when it cannot be read */
  readonly readFile: (path: string) => Buffer | string;
  /** The time, in seconds, for notices of what is over; without it there are none. */
  readonly now?: (() => number) | undefined;
}

/**
 * What a configuration is loaded for. What is only inspected may say more than can be served; with `test` failing tests
 * are no problems, since whoever loads it runs them.
 */
export interface LoadPurpose {
  /** `serve` when absent. */
  readonly purpose?: 'serve' | 'inspect' | 'test' | undefined;
}

export interface LoadInput extends SecretAccess, LoadPurpose {
  readonly gateway: ConfigText;
  readonly policies: ConfigText;
}

/** Whole or not at all: a world, or every problem of both files. */
export type LoadResult<W = World> =
  | { readonly ok: true; readonly world: W; readonly notices: readonly Notice[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly notices: readonly Notice[] };

/** What a configuration comes to without its secrets. It has no keys, so nothing can be served from it by mistake. */
export type UnservableWorld = Omit<World, 'secrets' | 'assertion' | 'providers'> & {
  readonly providers: ReadonlyMap<string, ProviderWithoutSecrets>;
};

/** Compiles both files into a world. Pure but for the two functions given. */
export function loadWorld(input: LoadInput): LoadResult {
  const findings = createFindings(input.purpose);
  const gateway = readYaml(input.gateway.file, input.gateway.text, findings);
  const policies = readYaml(input.policies.file, input.policies.text, findings);
  const appFile = appFileReader((path) => input.readFile(path), findings);
  const secrets = secretSource(input.gateway.file, input);
  return resultOf(compile({ gateway, policies, appFile }, secrets, findings), findings);
}

export function withoutSecrets(world: World | null): UnservableWorld | null {
  if (world === null) return null;
  const { secrets: _secrets, assertion: _assertion, providers, ...rest } = world;
  const known = new Map<string, ProviderWithoutSecrets>();
  for (const [name, config] of providers) known.set(name, withoutKeys(config));
  return { ...rest, providers: known };
}

function withoutKeys(provider: ProviderConfig): ProviderWithoutSecrets {
  if (provider.type === 'saml') {
    const { sign: _sign, decrypt: _decrypt, ...config } = provider;
    return config;
  }
  const { clientSecret: _secret, clientKeys: _keys, ...config } = provider;
  return config;
}

/** Reads the secrets that a gateway.yaml refers to: relative paths are relative to it. */
export const secretSource = (gatewayFile: string, access: SecretAccess): SecretSource => ({
  env: access.env,
  readFile: (path) => access.readFile(besideFile(gatewayFile, path)),
  now: access.now ?? (() => -Infinity),
});

export function resultOf<W>(world: W | null, findings: Findings): LoadResult<W> {
  const notices = findings.notices();
  return world === null ? { ok: false, problems: findings.problems(), notices } : { ok: true, world, notices };
}
