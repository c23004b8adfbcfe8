import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFindings } from '../config/findings.ts';
import type { LoadResult, UnservableWorld } from '../config/load.ts';
import { loadFromDiskWithoutSecrets, loadWorldFromDisk, policiesFileOf } from '../config/load-from-disk.ts';
import { keysAt, type SourceFile, top } from '../config/source-file.ts';
import { readYaml } from '../config/yaml-file.ts';
import { printLadder, printProblems, toJson } from './check-output.ts';
import { type Command, type CommandIo, configFile, EXIT } from './command.ts';

const USAGE = `Usage: stepgate check [files] [--config gateway.yaml] [--strict] [--without-secrets] [--json]

Checks gateway.yaml and policies.yaml together: every problem with its place, then the ladder of levels. A file that is
named is checked with the other file of the configuration in force.

  --config FILE      the configuration in force; else STEPGATE_CONFIG, else ./gateway.yaml
  --strict           notices count as problems
  --without-secrets  does not look up environment variables and files of secrets
  --json             prints JSON

Exit codes: 0 fine, 1 problems found, 2 used wrongly.
`;

/** `stepgate check`: says everything that is wrong with a configuration, without touching what is running. */
export const check: Command = async (args, io) => {
  const options = readOptions(args);
  if (options === 'help') {
    io.out(USAGE);
    return EXIT.fine;
  }
  if ('misuse' in options) return misuse(options.misuse, io);
  const files = chooseFiles(options, io);
  if ('misuse' in files) return misuse(files.misuse, io);
  const result = load(files, options.withoutSecrets, io);
  const fine = result.ok && !(options.strict && result.notices.length > 0);
  if (options.json) io.out(toJson(result, fine));
  else {
    printProblems(result.ok ? result.notices : [...result.problems, ...result.notices], io);
    if (fine && result.ok) printLadder(result.world.ladder, [files.gateway, files.policiesName], io);
    else io.out(summary(result));
  }
  return fine ? EXIT.fine : EXIT.problems;
};

function misuse(what: string, io: CommandIo): number {
  io.err(`${what}\n\n${USAGE}`);
  return EXIT.usage;
}

interface Misuse {
  readonly misuse: string;
}

interface Options {
  readonly files: readonly string[];
  readonly config: string | undefined;
  readonly strict: boolean;
  readonly withoutSecrets: boolean;
  readonly json: boolean;
}

function readOptions(args: readonly string[]): Options | Misuse | 'help' {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        strict: { type: 'boolean', default: false },
        'without-secrets': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const { config, strict, json, 'without-secrets': withoutSecrets } = values;
    return { files: positionals, config, strict, json, withoutSecrets };
  } catch (error) {
    return { misuse: error instanceof Error ? error.message : 'wrong arguments' };
  }
}

interface Files {
  readonly gateway: string;
  /** Set where it is another than gateway.yaml names. */
  readonly policies: string | undefined;
  /** Whichever it is. */
  readonly policiesName: string;
}

/** Which two files are checked together. */
function chooseFiles(options: Options, io: CommandIo): Files | Misuse {
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

function load(files: Files, withoutSecrets: boolean, io: CommandIo): LoadResult<UnservableWorld> {
  const options = { policiesFile: files.policies, readFile: (path: string) => readFile(path, io) };
  if (withoutSecrets) return loadFromDiskWithoutSecrets(files.gateway, options);
  return loadWorldFromDisk(files.gateway, { ...options, env: (name) => io.env(name) });
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

function summary(result: LoadResult<UnservableWorld>): string {
  const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
  const notices = count(result.notices.length, 'notice');
  return result.ok ? `${notices}\n` : `${count(result.problems.length, 'problem')}, ${notices}\n`;
}
