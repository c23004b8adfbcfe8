import { normalize } from 'node:path';
import { besideFile } from './beside-file.ts';
import type { Findings } from './findings.ts';
import { type SourceFile, valueAt, type Where } from './source-file.ts';
import { MISSING, readText } from './text-file.ts';
import { readYaml } from './yaml-file.ts';

/**
 * Reads the file that an app of policies.yaml names, relative to that file. Null after reporting why it cannot be read. A
 * file is that of one app: whoever reads a rule there knows what it is about.
 */
export function appFileReader(
  readFile: (path: string) => Buffer | string,
  findings: Findings,
): (where: Where) => SourceFile | null {
  const readBefore = new Set<string>();
  return (where) => {
    const named = valueAt(where);
    if (typeof named !== 'string' || named === '') return null;
    const path = normalize(besideFile(where.source.file, named));
    if (path === normalize(where.source.file) || readBefore.has(path)) {
      const whose = readBefore.has(path) ? 'is that of another app' : 'is the one that this stands in';
      findings.problem(where, 'file-taken', `the file ${path} ${whose}`, 'give each app a file of its own');
      return null;
    }
    readBefore.add(path);
    const text = readText(path, readFile, findings);
    if (text === MISSING) findings.problem(where, 'file-unreadable', `the file ${path} cannot be read`);
    return typeof text === 'string' ? readYaml(path, text, findings) : null;
  };
}
