import { lintInWords } from '../config/lints/page.ts';
import { LINTS, lintOf, meaningOf } from '../config/lints/table.ts';
import { suggest } from '../config/nearest.ts';
import { PROBLEMS } from '../config/problems.ts';
import { type CommandIo, EXIT } from './command.ts';

/** Prints what an id means. @returns the exit code */
export function printWhy(id: string, io: CommandIo): number {
  const lint = lintOf(id);
  const meaning = meaningOf(id);
  if (lint !== undefined) io.out(lintInWords(lint));
  else if (meaning !== undefined) io.out(`${id} (error)\n\n${meaning}\n`);
  else {
    const known = [...LINTS.map((one) => one.id), ...Object.keys(PROBLEMS)];
    io.err(`There is no "${id}": ${suggest(id, known) ?? 'check prints the ids of what it finds'}\n`);
    return EXIT.usage;
  }
  return EXIT.fine;
}
