/**
 * What conditions read of a person, as marks: a session keeps the marks of what was looked for when it was written. Of
 * anything else nobody knows whether the person has it, and "is not in it" would be a guess.
 */

/** What is read of a person by name. */
export interface Read {
  readonly groups: readonly string[];
  /** Whether groups are read in any other way too. */
  readonly anyGroup: boolean;
  readonly claims: readonly string[];
}

/** Characters of one mark: 24 bits. Names are those of policies, so nobody chooses them to collide. */
const MARK = 4;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The marks of everything that is read, each once, in order. */
export function soughtIn({ groups, anyGroup, claims }: Read): string {
  const names = [...groups.map((name) => `group ${name}`), ...claims.map((name) => `claim ${name}`)];
  if (anyGroup) names.push('groups');
  return [...new Set(names.map(markOf))].sort().join('');
}

/** Whether everything that is wanted was looked for. */
export function wasSought(wanted: string, sought: string): boolean {
  if (wanted === '' || wanted === sought) return true;
  const marks = new Set<string>();
  for (let i = 0; i < sought.length; i += MARK) marks.add(sought.slice(i, i + MARK));
  for (let i = 0; i < wanted.length; i += MARK) if (!marks.has(wanted.slice(i, i + MARK))) return false;
  return true;
}

/** FNV-1a over UTF-16 units, folded to 24 bits. */
function markOf(name: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  let bits = (hash >>> 24) ^ (hash & 0xffffff);
  let mark = '';
  for (let i = 0; i < MARK; i++) {
    mark += LETTERS[bits & 63];
    bits >>>= 6;
  }
  return mark;
}
