import { parseArgs } from 'node:util';
import type { LoadResult, UnservableWorld } from '../config/load.ts';
import { printLadder, printProblems, toJson } from './check-output.ts';
import { type Command, type CommandIo, EXIT } from './command.ts';
import { chooseFiles, loadChoice, type Misuse } from './config-files.ts';

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
  const result = loadChoice(files, { withoutSecrets: options.withoutSecrets, purpose: 'inspect' }, io);
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

function summary(result: LoadResult<UnservableWorld>): string {
  const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
  const notices = count(result.notices.length, 'notice');
  return result.ok ? `${notices}\n` : `${count(result.problems.length, 'problem')}, ${notices}\n`;
}
