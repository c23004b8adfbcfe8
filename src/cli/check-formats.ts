import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lintOf, meaningOf } from '../config/lints/table.ts';
import type { LoadResult, UnservableWorld } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import { directlyBelow } from './check-ladder.ts';

/** What is found, for machines. Every member is documented, and stays. */

type Result = LoadResult<UnservableWorld>;
type Severity = 'error' | 'warning';

/** Everything that was found, the problems first. */
const findingsOf = (result: Result): readonly (readonly [Severity, Problem])[] => [
  ...(result.ok ? [] : result.problems).map((problem) => ['error', problem] as const),
  ...result.notices.map((notice) => ['warning', notice] as const),
];

/** One JSON document; validity in seconds, levels as they are listed. */
export function toJson(result: Result, fine: boolean): string {
  const ladder = result.ok ? result.world.ladder.levels : [];
  const levels = ladder.map((level) => {
    const { name, label, validity } = level;
    return { name, label, validity, above: directlyBelow(level, ladder).map((below) => below.name) };
  });
  const problems = result.ok ? [] : result.problems;
  return asText({ ok: fine, problems, notices: result.notices, levels });
}

const asText = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** A log of SARIF 2.1.0 with one run. Its rules are the ids that were found. */
export function toSarif(result: Result): string {
  const found = findingsOf(result);
  const ids = [...new Set(found.map(([, { id }]) => id))].sort();
  const run = {
    tool: { driver: { name: 'stepgate', rules: ids.map(sarifRule) } },
    columnKind: 'utf16CodeUnits',
    results: found.map(([level, problem]) => sarifResult(level, problem, ids)),
  };
  return asText({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [run],
  });
}

function sarifRule(id: string): object {
  const lint = lintOf(id);
  const short = {
    shortDescription: { text: meaningOf(id) ?? id },
    defaultConfiguration: { level: lint?.severity ?? 'error' },
  };
  return lint === undefined
    ? { id, ...short }
    : { id, ...short, fullDescription: { text: lint.why, markdown: lint.why } };
}

function sarifResult(level: Severity, problem: Problem, ids: readonly string[]): object {
  const { id, file, line, column, source } = problem;
  const snippet = source === '' ? {} : { snippet: { text: source } };
  const region = { startLine: line, startColumn: column, ...snippet };
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level,
    message: { text: sentenceOf(problem) },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } }],
  };
}

/** A relative file stays relative (RFC 3986 4.2): who reads the log knows of which folder. */
const uriOf = (file: string): string =>
  isAbsolute(file) ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/');

const sentenceOf = ({ message, hint }: Problem): string => (hint === null ? message : `${message} (${hint})`);

/** Workflow commands of GitHub Actions, which shows each beside its line. */
export const toGithub = (result: Result): string =>
  findingsOf(result)
    .map(([severity, problem]) => {
      const { file, line, column, id } = problem;
      const at = Object.entries({ file, line, col: column, title: id }).map(
        ([key, value]) => `${key}=${property(value)}`,
      );
      return `::${severity} ${at.join(',')}::${data(sentenceOf(problem))}\n`;
    })
    .join('');

/** What a command says: a line end would start another command. */
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** A property ends with a comma, and all of them with a colon. */
const property = (value: string | number): string => data(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
