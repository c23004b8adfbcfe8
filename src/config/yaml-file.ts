import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Findings } from './findings.ts';
import { keyText, type SourceFile } from './source-file.ts';
import { MOST_BYTES, reportTooLarge } from './text-file.ts';
import { cutLine, quotedLine } from './yaml-conditions.ts';
import { yamlSentence } from './yaml-sentences.ts';

/** How many values aliases may add to a file: enough for anchors, too few for a bomb. */
const MOST_ALIASED = 50_000;
const DEEPEST = 32;
/** After the first errors the rest are echoes. */
const MOST_SYNTAX_ERRORS = 10;

/**
 * Reads a YAML file into plain values. Strict: tags, merge keys, directives, duplicate keys and whatever the reader warns
 * of are problems; anchors are expanded within a limit.
 *
 * @returns the file, or null after reporting why not
 */
export function readYaml(file: string, text: string, findings: Findings): SourceFile | null {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    reportTooLarge(file, findings);
    return null;
  }
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lines = new LineCounter();
  const document = parseDocument(plain, {
    lineCounter: lines,
    prettyErrors: false,
    merge: false,
    stringKeys: true,
    resolveKnownTags: false,
    // It compares each key with all before it; duplicates are found below, in linear time.
    uniqueKeys: false,
    // With `silent` a second document would not be reported either.
    logLevel: 'error',
  });
  // The counter learns of line breaks from the parser, which stops early in broken files.
  lines.lineStarts = lineStartsOf(plain);
  const unread: SourceFile = { file, text: plain, lines, root: null, targets: new Map(), value: undefined };
  if (reportSyntax(document, unread, findings)) return null;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null && root.tag === undefined)) {
    findings.problemOfFile(file, 'file-empty', 'the file is empty');
    return null;
  }
  const targets = new Map<Alias, Node>();
  const source = { ...unread, root, targets };
  if (reportOddities(document, source, targets, findings)) return null;
  const value = toPlain(root, source, findings);
  return value === undefined ? null : { ...source, value };
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Reports what the reader objects to. True if anything. */
function reportSyntax(document: Document, source: SourceFile, findings: Findings): boolean {
  const errors = document.errors.slice(0, MOST_SYNTAX_ERRORS);
  let helped = 0;
  for (const error of errors) {
    const id = error.code === 'RESOURCE_EXHAUSTION' ? 'yaml-too-deep' : 'yaml-syntax';
    const [at] = error.pos;
    const hint = quotedLine(source, at) ?? (error.code === 'BAD_INDENT' ? cutLine(source, at) : undefined);
    const { line } = source.lines.linePos(at);
    // Once it is said what to do with a line, the rest are echoes.
    if (line === helped) continue;
    if (hint !== undefined) helped = line;
    findings.problemAtOffset(source, at, id, yamlSentence(error.code), hint);
    if (id === 'yaml-too-deep') break;
  }
  const warnings = document.warnings.filter((warning) => warning.code !== 'TAG_RESOLVE_FAILED');
  for (const warning of warnings) {
    findings.problemAtOffset(source, warning.pos[0], 'yaml-syntax', yamlSentence(warning.code));
  }
  if (document.directives?.yaml.explicit) {
    findings.problemAtOffset(source, 0, 'yaml-directive', 'a %YAML directive is not taken: leave it out');
    return true;
  }
  return errors.length + warnings.length > 0;
}

/**
 * Reports tags, merge keys, duplicate keys and unknown anchors, and finds what each alias stands for. The file is read on
 * without them, so that whatever else is wrong is told at once.
 *
 * @returns whether something is missing that nobody can make up: what an alias stands for
 */
function reportOddities(
  document: Document,
  source: SourceFile,
  targets: Map<Alias, Node>,
  findings: Findings,
): boolean {
  const report = findings.problemAtOffset;
  let missing = false;
  const anchors = new Map<string, Node>();
  const onNode = (node: Node): void => {
    const at = node.range?.[0] ?? 0;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      const message = `no anchor "&${node.source}" stands before this`;
      if (target !== undefined) targets.set(node, target);
      else {
        missing = true;
        report(source, at, 'yaml-alias', message, quotedLine(source, at));
      }
      return;
    }
    if (node.anchor) anchors.set(node.anchor, node);
    if (node.tag !== undefined) {
      const start = tagBefore(at, source.text);
      const hint = quotedLine(source, start) ?? 'leave the tag out; quote text';
      report(source, start, 'yaml-tag', 'YAML tags ("!…") are not taken', hint);
    }
  };
  visit(document, {
    Alias: (_, alias) => onNode(alias),
    Scalar: (_, scalar) => onNode(scalar),
    Seq: (_, seq) => onNode(seq),
    Map: (_, map) => {
      onNode(map);
      reportKeys(map, source, report);
    },
  });
  return missing;
}

/** Where the tag of the value at `at` starts: values know no place of their tags. */
function tagBefore(at: number, text: string): number {
  let start = text.lastIndexOf('!', at);
  while (text[start - 1] === '!') start--;
  return start < 0 ? at : start;
}

/** What is no key of anything. */
const NO_KEYS: ReadonlySet<string> = new Set(['', '__proto__', '<<']);

function reportKeys(map: YAMLMap, source: SourceFile, report: Findings['problemAtOffset']): void {
  const seen = new Set<string>();
  for (const pair of map.items) {
    const key = keyText(pair);
    const at = (pair.key as Node | null)?.range?.[0] ?? map.range?.[0] ?? 0;
    if (key === '<<') {
      report(source, at, 'yaml-merge-key', 'merge keys ("<<") are not taken', 'write the keys out');
    } else if (key === null || NO_KEYS.has(key)) {
      report(source, at, 'yaml-key', 'a key must be plain text');
    } else if (seen.has(key)) {
      report(source, at, 'yaml-duplicate-key', `"${key}" is there twice`, 'only one of the two could count');
    } else seen.add(key);
  }
}

/** The plain value of a document, undefined after reporting that it is too deep, endless or expands to too much. */
function toPlain(root: Node, source: SourceFile, findings: Findings): unknown {
  let aliased = 0;
  let stopped = false;
  const stop = (at: Node, id: 'yaml-too-deep' | 'yaml-alias-limit', message: string): undefined => {
    if (!stopped) findings.problemAtOffset(source, at.range?.[0] ?? 0, id, message);
    stopped = true;
    return undefined;
  };
  const plain = (node: Node | null, depth: number, alias: Node | null): unknown => {
    if (stopped || node === null) return null;
    if (depth > DEEPEST) return stop(alias ?? node, 'yaml-too-deep', `nested more than ${DEEPEST} deep`);
    if (alias !== null && ++aliased > MOST_ALIASED) {
      return stop(alias, 'yaml-alias-limit', `aliases expand to more than ${MOST_ALIASED} values`);
    }
    if (isAlias(node)) return plain(source.targets.get(node) ?? null, depth + 1, alias ?? node);
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => plain(item as Node | null, depth + 1, alias));
    if (!isMap(node)) return null;
    const map: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      const key = keyText(pair);
      // What is reported above is not there; of two keys that are one the first is, as everywhere.
      if (key === null || NO_KEYS.has(key) || key in map) continue;
      map[key] = plain(pair.value as Node | null, depth + 1, alias);
    }
    return map;
  };
  const value = plain(root, 0, null);
  return stopped ? undefined : value;
}
