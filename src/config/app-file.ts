import { besideFile } from './beside-file.ts';
import type { Findings } from './findings.ts';
import { type SourceFile, valueAt, type Where } from './source-file.ts';
import { MISSING, readText } from './text-file.ts';
import { readYaml } from './yaml-file.ts';

/** Reads the file that an app of policies.yaml names, relative to that file. Null after reporting why it cannot be read. */
export function appFileReader(
  readFile: (path: string) => Buffer | string,
  findings: Findings,
): (where: Where) => SourceFile | null {
  return (where) => {
    const named = valueAt(where);
    if (typeof named !== 'string' || named === '') return null;
    const path = besideFile(where.source.file, named);
    const text = readText(path, readFile, findings);
    if (text === MISSING) findings.problem(where, 'file-unreadable', `the file ${path} cannot be read`);
    return typeof text === 'string' ? readYaml(path, text, findings) : null;
  };
}
