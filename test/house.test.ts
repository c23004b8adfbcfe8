import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';

/** The table of arrows: a room imports itself and what stands before it, and nothing that stands behind it. */
const ROOMS = [
  'core',
  'errors.ts',
  'audit-event.ts',
  'ports.ts',
  'saml',
  'config',
  'sessions',
  'ledger',
  'providers',
  'observe',
  'live',
  'proxy',
  'pages',
  'http',
  'gateway.ts',
  'demo',
  'cli',
  'main.ts',
] as const;

/** Where the process comes in. Everywhere else what it knows is an argument. */
const MAY_TOUCH_PROCESS = ['main.ts'];
/** The real clock; and the demo's providers, since an engine underneath asks `Date` itself. */
const MAY_ASK_FOR_THE_TIME = ['cli/system.ts', 'demo/idp-server.ts'];

/** Lines of a source file, at most. */
const LONGEST = 250;

interface SourceFile {
  /** From `src/`, with forward slashes. */
  readonly path: string;
  readonly room: string;
  readonly lines: number;
  /** Without comments. */
  readonly code: string;
  readonly imports: readonly string[];
}

const SRC = resolve(import.meta.dirname, '../src');

const FILES: readonly SourceFile[] = globSync('**/*.ts', { cwd: SRC })
  .map((name) => name.replaceAll('\\', '/'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const code = withoutComments(text);
    return {
      path,
      room: path.split('/')[0] ?? path,
      lines: text.split('\n').length - 1,
      code,
      imports: importsOf(code),
    };
  });

/** The formatter puts comments on lines of their own or behind code; a `/*` inside a string stays what it is. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/\*|\*)/.test(line))
    .map((line) => line.replace(/\s\/\/ .*$/, ''))
    .join('\n');
}

/** Every module that is named in an import or a re-export, static or dynamic, of values or of types. */
function importsOf(code: string): readonly string[] {
  const named = /\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;
  return [...code.matchAll(named)].map((match) => match[1] ?? match[2] ?? '');
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.');

/** The room an import of a file leads to, and null where it leads out of the house. */
function roomOf(file: SourceFile, specifier: string): string | null {
  const target = relative(SRC, resolve(SRC, dirname(file.path), specifier)).replaceAll('\\', '/');
  return target.startsWith('..') ? null : (target.split('/')[0] ?? null);
}

const place = (room: string): number => (ROOMS as readonly string[]).indexOf(room);

/** The files where `forbidden` is found, with what was found. */
const found = (forbidden: RegExp, except: readonly string[] = []): readonly string[] =>
  FILES.filter(({ path, room }) => !except.includes(path) && !except.includes(room)).flatMap(({ path, code }) => {
    const match = forbidden.exec(code);
    return match === null ? [] : [`${path}: ${match[0].trim()}`];
  });

describe('the house', () => {
  test('has the rooms of the table and no other', () => {
    assert.deepEqual(
      [...new Set(FILES.map(({ room }) => room))].filter((room) => place(room) < 0),
      [],
    );
  });

  test('has arrows that point one way: no room imports what stands behind it', () => {
    const wrong = FILES.flatMap((file) =>
      file.imports.filter(isRelative).flatMap((specifier) => {
        const room = roomOf(file, specifier);
        return room !== null && place(room) <= place(file.room) ? [] : [`${file.path} -> ${specifier}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  test('has a core that imports nothing but core', () => {
    const wrong = FILES.filter(({ room }) => room === 'core').flatMap((file) =>
      file.imports
        .filter((specifier) => !isRelative(specifier) || roomOf(file, specifier) !== 'core')
        .map((specifier) => `${file.path} -> ${specifier}`),
    );
    assert.deepEqual(wrong, []);
  });

  test('imports files that are there, by their whole name', () => {
    const paths = new Set(FILES.map(({ path }) => join(SRC, path)));
    const wrong = FILES.flatMap((file) =>
      file.imports
        .filter((specifier) => isRelative(specifier) && !paths.has(resolve(SRC, dirname(file.path), specifier)))
        .map((specifier) => `${file.path} -> ${specifier}`),
    );
    assert.deepEqual(wrong, []);
  });

  test('imports modules of Node by their full name', () => {
    assert.deepEqual(found(/from '(?:fs|path|crypto|http|https|net|url|os|stream|events|util)(?:\/\w+)?'/), []);
  });

  test('touches the process in one place', () => {
    assert.deepEqual(found(/\bprocess\s*(?:\.|\[)|globalThis\.process|node:process/, MAY_TOUCH_PROCESS), []);
  });

  test('is given the time and chance: nobody but the composition asks for them', () => {
    assert.deepEqual(found(/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/, MAY_ASK_FOR_THE_TIME), []);
    assert.deepEqual(found(/\bMath\.random\(/), []);
  });

  test('has a core without clock, chance, timers or I/O', () => {
    const elsewhere = ROOMS.filter((room) => room !== 'core');
    assert.deepEqual(
      found(
        /\b(?:Date|performance|crypto|fetch|setTimeout|setInterval|setImmediate|queueMicrotask)\b|\bawait\b/,
        elsewhere,
      ),
      [],
    );
  });

  test('has no default exports, no console and no any', () => {
    assert.deepEqual(found(/^export default\b|\bas default\b/m), []);
    assert.deepEqual(found(/\bconsole\s*(?:\.|\[)/), []);
    assert.deepEqual(found(/:\s*any\b|\bas any\b|<any>/), []);
  });

  test('has no silenced type checks', () => {
    const silenced = FILES.filter(({ path }) =>
      /@ts-(?:ignore|nocheck|expect-error)/.test(readFileSync(join(SRC, path), 'utf8')),
    );
    assert.deepEqual(
      silenced.map(({ path }) => path),
      [],
    );
  });

  test('has small files', () => {
    assert.deepEqual(
      FILES.filter(({ lines }) => lines > LONGEST).map(({ path, lines }) => `${path}: ${lines} lines`),
      [],
    );
  });
});

describe('the reader of imports', () => {
  const source = `
// import { a } from 'comment-1';
/* import { a } from 'comment-2'; */
/**
 * import { a } from 'comment-3';
 */
import { a } from './a.ts'; // from 'comment-4'
import type { B } from "./b.ts";
import {
  c,
} from './c.ts';
import './d.ts';
export { e } from './e.ts';
export * from './f.ts';
const g = await import('./g.ts');
const h: import('./h.ts').H = '/*';
`;

  test('sees every kind of import and none in comments', () => {
    assert.deepEqual(
      importsOf(withoutComments(source)),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`),
    );
  });

  test('reads the whole house', () => {
    assert.deepEqual(
      ROOMS.filter((room) => !FILES.some((file) => file.room === room)),
      [],
    );
    assert.ok(FILES.flatMap(({ imports }) => imports).length > FILES.length);
  });
});
