import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { findPython, HOW_TO } from '../../scripts/python.js';
import { page, ROOT } from '../docs/markdown.ts';

/** The verifiers of docs/upstreams.md that are run here. */
export const VERIFIERS = ['js', 'python'] as const;
export type Verifier = (typeof VERIFIERS)[number];

/** What stands behind the example: verifies each line of its input, and prints the claims or why there are none. */
const ASKED: Readonly<Record<Verifier, string>> = {
  js: `
for (const assertion of JSON.parse(process.argv[2])) {
  try {
    console.log(JSON.stringify(await whoSent(assertion)));
  } catch (error) {
    console.log(JSON.stringify({ refused: error.code ?? error.name }));
  }
}`,
  python: `
import json, sys
for assertion in json.loads(sys.argv[1]):
    try:
        print(json.dumps(who_sent(assertion)))
    except jwt.PyJWTError as error:
        print(json.dumps({"refused": type(error).__name__}))
`,
};

/** The text of the example for one language, for this origin and app. */
export function exampleFor(language: string, origin: string, app: string): string {
  const found = page('docs/upstreams.md').fences.find((fence) => fence.language === language);
  assert.ok(found !== undefined, `docs/upstreams.md has no example in ${language}`);
  return found.text.replaceAll('https://payroll.example.com', origin).replaceAll(/(['"])payroll\1/g, `$1${app}$1`);
}

/** What the documented verifier of the app at this origin says of each assertion, in a process of its own. */
export async function verdicts(
  language: Verifier,
  origin: string,
  app: string,
  assertions: readonly string[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const program = language === 'js' ? process.execPath : findPython();
  if (program === null) throw new Error(HOW_TO);
  const flags = language === 'js' ? ['--input-type=module', '-'] : ['-'];
  const printed = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, [...flags, JSON.stringify(assertions)], { cwd: ROOT }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${language} verifier: ${err}`));
    });
    child.stdin?.end(exampleFor(language, origin, app) + ASKED[language]);
  });
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
