import { isAbsolute, join } from 'node:path';
import { createFindings } from '../config/findings.ts';
import type { LoadPurpose, LoadResult, UnservableWorld } from '../config/load.ts';
import { loadFromDiskWithoutSecrets, loadWorldFromDisk, policiesFileOf } from '../config/load-from-disk.ts';
import { keysAt, type SourceFile, top } from '../config/source-file.ts';
import { readYaml } from '../config/yaml-file.ts';
import { type CommandIo, configFile } from './command.ts';
import { systemClock } from './system.ts';

/** Arguments that a command cannot do anything with, and why. */
export interface Misuse {
  readonly misuse: string;
}

/** The two files that are looked at together. */
export interface ConfigChoice {
  readonly gateway: string;
  /** Set where it is another than gateway.yaml names. */
  readonly policies: string | undefined;
  /** Whichever it is. */
  readonly policiesName: string;
}

/**
 * Which two files are looked at together: those that are named, and for one that is not the one of the configuration in
 * force.
 */
export function chooseFiles(
  options: { readonly files: readonly string[]; readonly config: string | undefined },
  io: CommandIo,
): ConfigChoice | Misuse {
  const inForce = configFile(options.config, io);
  const named: { gateway?: string; policies?: string } = {};
  for (const file of options.files) {
    const kind = kindOf(file, io);
    if (kind === null) return { misuse: `${file}: neither a policies nor a gateway file that can be read` };
    if (named[kind] !== undefined) return { misuse: `${file} and ${named[kind]} are both ${kind} files` };
    named[kind] = file;
  }
  const { gateway = inForce, policies } = named;
  if (policies !== undefined) return { gateway, policies, policiesName: policies };
  const ofGateway = policiesFileOf(readSource(gateway, io), gateway);
  if (gateway === inForce || !canRead(inForce, io)) return { gateway, policies: undefined, policiesName: ofGateway };
  const other = policiesFileOf(readSource(inForce, io), inForce);
  return { gateway, policies: other, policiesName: other };
}

/** A file is recognised by what only one of the two has at its top. */
function kindOf(file: string, io: CommandIo): 'gateway' | 'policies' | null {
  if (!canRead(file, io)) return null;
  const source = readSource(file, io);
  const text = source === null ? readFile(file, io).toString('utf8') : '';
  const has = (key: string): boolean =>
    source === null ? new RegExp(`^${key}\\s*:`, 'm').test(text) : keysAt(top(source)).includes(key);
  if (has('levels') === has('providers')) return null;
  return has('levels') ? 'policies' : 'gateway';
}

/** Loads them to be looked at. Nothing is ever served from the result. */
export function loadChoice(
  files: ConfigChoice,
  options: { readonly withoutSecrets: boolean } & LoadPurpose,
  io: CommandIo,
): LoadResult<UnservableWorld> {
  const { withoutSecrets, ...purpose } = options;
  const disk = { ...purpose, policiesFile: files.policies, readFile: (path: string) => readFile(path, io) };
  if (withoutSecrets) return loadFromDiskWithoutSecrets(files.gateway, disk);
  return loadWorldFromDisk(files.gateway, { ...disk, env: (name) => io.env(name), now: systemClock.now });
}

const readFile = (path: string, io: CommandIo): Buffer => io.readFile(isAbsolute(path) ? path : join(io.cwd, path));

function canRead(path: string, io: CommandIo): boolean {
  try {
    readFile(path, io);
    return true;
  } catch {
    return false;
  }
}

/** A file as YAML; its problems are found again, and reported, when it is checked. */
function readSource(path: string, io: CommandIo): SourceFile | null {
  return canRead(path, io) ? readYaml(path, readFile(path, io).toString('utf8'), createFindings()) : null;
}
