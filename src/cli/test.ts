import { parseArgs } from 'node:util';
import { type Coverage, coverageOf } from '../config/policy-tests/coverage.ts';
import { runTest, type TestResult } from '../config/policy-tests/run-tests.ts';
import { printProblems } from './check-output.ts';
import { type Command, type CommandIo, EXIT } from './command.ts';
import { chooseFiles, loadChoice, type Misuse } from './config-files.ts';
import { printCoverage, printResults, problemsJson, resultsJson } from './test-output.ts';

const USAGE = `Usage: stepgate test [files] [--config gateway.yaml] [--coverage [--strict]] [--without-secrets] [--json]

Runs the tests of policies.yaml and of the files of its apps, and explains those that fail. A file that is named is taken
with the other file of the configuration in force.

  --config FILE      the configuration in force; else STEPGATE_CONFIG, else ./gateway.yaml
  --coverage         lists rules and floors that no test hits, and what of them no test would miss
  --strict           fails where --coverage lists anything
  --without-secrets  does not look up environment variables and files of secrets
  --json             prints JSON

Exit codes: 0 every test passes, 1 one fails or the configuration has problems, 2 used wrongly.
`;

/** `stepgate test`: runs the tests of the policies, without touching what is running. */
export const test: Command = async (args, io) => {
  const options = readOptions(args);
  if (options === 'help') {
    io.out(USAGE);
    return EXIT.fine;
  }
  if ('misuse' in options) return misuse(options, io);
  const files = chooseFiles(options, io);
  if ('misuse' in files) return misuse(files, io);
  const loaded = loadChoice(files, { withoutSecrets: options.withoutSecrets, purpose: 'test' }, io);
  if (!loaded.ok) {
    if (options.json) io.out(problemsJson(loaded.problems));
    else printProblems(loaded.problems, io);
    return EXIT.problems;
  }
  const { world } = loaded;
  const results = world.tests.flatMap((one): TestResult[] => {
    const app = world.apps.get(one.app);
    return app === undefined ? [] : [runTest(one, app)];
  });
  const coverage = options.coverage ? coverageOf(world, world.tests) : null;
  const fine = results.every(({ passed }) => passed) && !(options.strict && !isWhole(coverage));
  if (options.json) io.out(resultsJson(fine, results, coverage));
  else {
    printResults(world, results, io);
    if (coverage !== null) printCoverage(coverage, io);
  }
  return fine ? EXIT.fine : EXIT.problems;
};

const isWhole = (coverage: Coverage | null): boolean => coverage !== null && coverage.uncovered.length === 0;

function misuse({ misuse: what }: Misuse, io: CommandIo): number {
  io.err(`${what}\n\n${USAGE}`);
  return EXIT.usage;
}

interface Options {
  readonly files: readonly string[];
  readonly config: string | undefined;
  readonly coverage: boolean;
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
        coverage: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        'without-secrets': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const { config, coverage, strict, json, 'without-secrets': withoutSecrets } = values;
    if (strict && !coverage) return { misuse: '--strict is about --coverage' };
    return { files: positionals, config, coverage, strict, json, withoutSecrets };
  } catch (error) {
    return { misuse: error instanceof Error ? error.message : 'wrong arguments' };
  }
}
