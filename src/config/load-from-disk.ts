import { appFileReader } from './app-file.ts';
import { besideFile } from './beside-file.ts';
import { compile } from './compile.ts';
import { createFindings, type Findings } from './findings.ts';
import {
  type LoadPurpose,
  type LoadResult,
  resultOf,
  type SecretAccess,
  secretSource,
  type UnservableWorld,
  withoutSecrets,
} from './load.ts';
import { below, type SourceFile, top, valueAt } from './source-file.ts';
import { MISSING, readStart, readText } from './text-file.ts';
import type { World } from './world.ts';
import { readYaml } from './yaml-file.ts';

export interface DiskOptions extends LoadPurpose {
  readonly env: (name: string) => string | undefined;
  /** Another policies.yaml than the one that gateway.yaml names. */
  readonly policiesFile?: string | undefined;
  /** @throws what the file system throws. Reads from the disk when absent. */
  readonly readFile?: ((path: string) => Buffer) | undefined;
  /** As of {@link SecretAccess}. */
  readonly now?: SecretAccess['now'];
}

/** Reads gateway.yaml, the policies file it names and the secrets it refers to, and compiles them into a world. */
export function loadWorldFromDisk(gatewayFile: string, options: DiskOptions): LoadResult<World> {
  const findings = createFindings(options.purpose);
  const readFile = options.readFile ?? readStart;
  const sources = readSources(gatewayFile, options.policiesFile, readFile, findings);
  const secrets = secretSource(gatewayFile, { env: options.env, readFile, now: options.now });
  return resultOf(compile({ ...sources, appFile: appFileReader(readFile, findings) }, secrets, findings), findings);
}

/** The same with references to secrets left unread: nothing can be served from the result. */
export function loadFromDiskWithoutSecrets(
  gatewayFile: string,
  options: Omit<DiskOptions, 'env' | 'now'>,
): LoadResult<UnservableWorld> {
  const findings = createFindings(options.purpose);
  const readFile = options.readFile ?? readStart;
  const sources = readSources(gatewayFile, options.policiesFile, readFile, findings);
  const world = compile({ ...sources, appFile: appFileReader(readFile, findings) }, null, findings);
  return resultOf(withoutSecrets(world), findings);
}

/** The policies file that a gateway.yaml names, relative to it; the default one where that cannot be told. */
export function policiesFileOf(gateway: SourceFile | null, gatewayFile: string): string {
  const named = gateway === null ? undefined : valueAt(below(top(gateway), 'policies'));
  return besideFile(gatewayFile, typeof named === 'string' && named !== '' ? named : 'policies.yaml');
}

function readSources(
  gatewayFile: string,
  policiesFile: string | undefined,
  readFile: (path: string) => Buffer,
  findings: Findings,
): { gateway: SourceFile | null; policies: SourceFile | null } {
  const gatewayText = readText(gatewayFile, readFile, findings);
  const gateway = typeof gatewayText === 'string' ? readYaml(gatewayFile, gatewayText, findings) : null;
  if (gatewayText === MISSING) findings.problemOfFile(gatewayFile, 'file-unreadable', 'the file cannot be read');

  const policiesPath = policiesFile ?? policiesFileOf(gateway, gatewayFile);
  const policiesText = readText(policiesPath, readFile, findings);
  const policies = typeof policiesText === 'string' ? readYaml(policiesPath, policiesText, findings) : null;
  if (policiesText === MISSING) {
    const message = `the policies file ${policiesPath} cannot be read`;
    if (gateway !== null && policiesFile === undefined) {
      findings.problem(below(top(gateway), 'policies'), 'file-unreadable', message);
    } else if (gateway !== null || policiesFile !== undefined) {
      findings.problemOfFile(policiesPath, 'file-unreadable', 'the file cannot be read');
    }
  }
  return { gateway, policies };
}
