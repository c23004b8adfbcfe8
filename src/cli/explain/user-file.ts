import { createFindings } from '../../config/findings.ts';
import { givenSchema } from '../../config/policy-tests/test-schema.ts';
import type { Problem } from '../../config/problems.ts';
import { readShape, strict } from '../../config/shape.ts';
import { top } from '../../config/source-file.ts';
import { MISSING, readText } from '../../config/text-file.ts';
import { readYaml } from '../../config/yaml-file.ts';
import type { Misuse } from '../config-files.ts';

/** The keys of a test's `user`, and whence its requests come. */
const userFileSchema = strict({
  ...givenSchema.shape.user.unwrap().shape,
  client: givenSchema.shape.client,
  headers: givenSchema.shape.headers,
});

export type UserFile = ReturnType<typeof userFileSchema.parse>;

/** Reads what a file says of a person, as YAML or JSON. */
export function readUserFile(file: string, readFile: (path: string) => Buffer): UserFile | Misuse {
  const findings = createFindings();
  const text = readText(file, readFile, findings);
  if (text === MISSING) return { misuse: `the file ${file} cannot be read` };
  const source = text === null ? null : readYaml(file, text, findings);
  const user = source && readShape(userFileSchema, top(source), findings);
  return user ?? { misuse: findings.problems().map(problemLine).join('\n') };
}

const problemLine = ({ file, line, column, message, hint }: Problem): string =>
  `${file}:${line}:${column}: ${message}${hint === null ? '' : ` (${hint})`}`;
