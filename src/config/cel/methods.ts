import { isList, type Kind, type Single, type ValueOf } from './term.ts';

/** A function of a value, written behind a point. */
export interface Method {
  readonly name: string;
  /** The kind of the value; `list` for every list. */
  readonly of: Single | 'list';
  /** The kind of what stands between the brackets; undefined for nothing. */
  readonly takes: Single | undefined;
  readonly kind: Single;
  readonly apply: (value: never, argument: never) => ValueOf[Single];
}

const method = <O extends Single, K extends Single>(
  of: O,
  name: string,
  kind: K,
  apply: (value: ValueOf[O]) => ValueOf[K],
): Method => ({ of, name, takes: undefined, kind, apply });

const method2 = <O extends Single, A extends Single, K extends Single>(
  of: O,
  name: string,
  takes: A,
  kind: K,
  apply: (value: ValueOf[O], argument: ValueOf[A]) => ValueOf[K],
): Method => ({ of, name, takes, kind, apply });

/** Upper and lower case of the letters A to Z only: of others it depends on the language, and on whoever reads it. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** All of them, but those that need something that is written out: `matches`, and the fields of a moment. */
export const METHODS: readonly Method[] = [
  method2('string', 'contains', 'string', 'bool', (text, part) => text.includes(part)),
  method2('string', 'startsWith', 'string', 'bool', (text, part) => text.startsWith(part)),
  method2('string', 'endsWith', 'string', 'bool', (text, part) => text.endsWith(part)),
  method('string', 'lowerAscii', 'string', lowerAscii),
  method('string', 'upperAscii', 'string', upperAscii),
  method('string', 'trim', 'string', (text) => text.trim()),
  // In characters, not in the UTF-16 units of this machine.
  method('string', 'size', 'int', (text) => [...text].length),
  { of: 'list', name: 'size', takes: undefined, kind: 'int', apply: (items: readonly unknown[]) => items.length },
  method('duration', 'getHours', 'int', (seconds) => Math.trunc(seconds / 3600)),
  method('duration', 'getMinutes', 'int', (seconds) => Math.trunc(seconds / 60)),
  method('duration', 'getSeconds', 'int', (seconds) => Math.trunc(seconds)),
];

/** The functions of a kind of value. */
export const methodsOf = (kind: Kind): readonly Method[] =>
  METHODS.filter(({ of }) => of === (isList(kind) ? 'list' : kind));
