import { parseArgs } from 'node:util';
import type { LoadResult, UnservableWorld } from '../config/load.ts';
import { toGithub, toJson, toSarif } from './check-formats.ts';
import { printLadder } from './check-ladder.ts';
import { printProblems } from './check-output.ts';
import { printWhy } from './check-why.ts';
import { type Command, type CommandIo, EXIT } from './command.ts';
import { type ConfigChoice, chooseFiles, loadChoice, type Misuse } from './config-files.ts';

const USAGE = `Usage: stepgate check [files] [--config gateway.yaml] [--strict] [--without-secrets] [--format FORMAT]
       stepgate check --why ID

Checks gateway.yaml and policies.yaml together: every problem and lint with its place, then the ladder of levels. A file
that is named is checked with the other file of the configuration in force.

  --config FILE      the configuration in force; else STEPGATE_CONFIG, else ./gateway.yaml
  --strict           notices count as problems
  --without-secrets  does not look up environment variables and files of secrets
  --format FORMAT    text, json, sarif (2.1.0) or github (workflow commands); --json is --format json
  --why ID           prints what an id means: why it matters, an example, and how it is put right

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
  if (options.why !== undefined) return printWhy(options.why, io);
  const files = chooseFiles(options, io);
  if ('misuse' in files) return misuse(files.misuse, io);
  const result = loadChoice(files, { withoutSecrets: options.withoutSecrets, purpose: 'inspect' }, io);
  const fine = result.ok && !(options.strict && result.notices.length > 0);
  FORMATS[options.format]({ result, fine, files }, io);
  return fine ? EXIT.fine : EXIT.problems;
};

interface Checked {
  readonly result: LoadResult<UnservableWorld>;
  readonly fine: boolean;
  readonly files: ConfigChoice;
}

type Format = 'text' | 'json' | 'sarif' | 'github';

const FORMATS: Readonly<Record<Format, (checked: Checked, io: CommandIo) => void>> = {
  text: printText,
  json: ({ result, fine }, io) => io.out(toJson(result, fine)),
  sarif: ({ result }, io) => io.out(toSarif(result)),
  github: ({ result }, io) => io.out(toGithub(result)),
};

function printText({ result, fine, files }: Checked, io: CommandIo): void {
  printProblems(result.ok ? result.notices : [...result.problems, ...result.notices], io);
  if (fine && result.ok) printLadder(result.world.ladder, [files.gateway, files.policiesName], io);
  else io.out(summary(result));
  if (result.notices.length > 0) io.out('\nWhat a word means: stepgate check --why WORD\n');
}

function misuse(what: string, io: CommandIo): number {
  io.err(`${what}\n\n${USAGE}`);
  return EXIT.usage;
}

interface Options {
  readonly files: readonly string[];
  readonly config: string | undefined;
  readonly strict: boolean;
  readonly withoutSecrets: boolean;
  readonly format: Format;
  readonly why: string | undefined;
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
        format: { type: 'string' },
        why: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const { config, strict, json, why, 'without-secrets': withoutSecrets } = values;
    const format = values.format ?? (json ? 'json' : 'text');
    if (!isFormat(format)) return { misuse: `there is no format "${format}": ${Object.keys(FORMATS).join(', ')}` };
    if (json && format !== 'json') return { misuse: `--json and --format ${format} contradict each other` };
    return { files: positionals, config, strict, why, withoutSecrets, format };
  } catch (error) {
    return { misuse: error instanceof Error ? error.message : 'wrong arguments' };
  }
}

const isFormat = (format: string): format is Format => Object.hasOwn(FORMATS, format);

function summary(result: LoadResult<UnservableWorld>): string {
  const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
  const notices = count(result.notices.length, 'notice');
  return result.ok ? `${notices}\n` : `${count(result.problems.length, 'problem')}, ${notices}\n`;
}
