import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acceptPath,
  type CanonicalPath,
  foldCase,
  type PathOptions,
  parseTarget,
  type Refused,
  STRICT_PATHS,
} from '../../src/core/canonical-path.ts';

const RUNS = { numRuns: 20_000 };

const piece = fc.constantFrom(
  ...['/', '/', '/', '//', '.', '..', '%2e', '%2E%2e', '%2f', '%2F', '\\', '%5c', '%252e', '%252f', '%25', '%', '%00'],
  ...[
    ';',
    '%3b',
    ';a=b',
    ';jsessionid=1',
    'a',
    'b',
    'A',
    '%61',
    '~1',
    ':',
    '%20',
    ' ',
    '%C3%A4',
    '%c3',
    '%ff',
    '%C4%B1',
  ],
  ...['"', '|', '[', '%3f', '%23', '+', '@', "'", '!', '$', '&', '=', ',', '*', '-', '_'],
);
const target = fc
  .tuple(fc.array(piece, { maxLength: 9 }), fc.constantFrom('', '', '?', '?a=/../b', '?a b', '?%2e#'))
  .map(([pieces, query]) => `/${pieces.join('')}${query}`);
const options: fc.Arbitrary<PathOptions> = fc.record({
  encodedSlash: fc.constantFrom('refuse', 'allow'),
  doubleSlash: fc.constantFrom('refuse', 'merge'),
  parameters: fc.constantFrom('refuse', 'jsessionid', 'allow'),
  windows: fc.boolean(),
});

function canonical(text: string, how: PathOptions): CanonicalPath | Refused {
  const parsed = parseTarget(text);
  return 'refused' in parsed ? parsed : acceptPath(parsed, how);
}

/** Runs `judge` on every target that is accepted, and makes sure that there were some. */
function forAccepted(judge: (accepted: CanonicalPath, how: PathOptions, text: string) => void): void {
  let seen = 0;
  fc.assert(
    fc.property(target, options, (text, how) => {
      const accepted = canonical(text, how);
      if ('refused' in accepted) return;
      seen++;
      judge(accepted, how, text);
    }),
    RUNS,
  );
  assert.ok(seen > 500, `only ${seen} targets were accepted`);
}

/** What an upstream gets that splits the path it is sent and decodes the segments. */
const asUpstreamReads = (path: string): readonly string[] => {
  const segments = path.slice(1).split('/');
  if (segments.at(-1) === '') segments.pop();
  return segments.map(decodeURIComponent);
};

test('what is judged is what an upstream reads in the path that is forwarded', () => {
  forAccepted(({ path, readings }, { windows }) => {
    const read = asUpstreamReads(path);
    assert.deepEqual(readings[0], windows ? read.map(foldCase) : read);
  });
});

test('an upstream that takes an escaped slash for a slash, or drops parameters, reads what is judged as well', () => {
  forAccepted(({ path, readings }, { windows }) => {
    const fold = (segments: readonly string[]) => (windows ? segments.map(foldCase) : segments);
    const split = asUpstreamReads(path).flatMap((segment) => segment.split('/'));
    const bare = (segments: readonly string[]) => segments.map((segment) => segment.split(';')[0] ?? '');
    for (const reading of [split, bare(asUpstreamReads(path)), bare(split)]) {
      assert.ok(
        readings.some((judged) => JSON.stringify(judged) === JSON.stringify(fold(reading))),
        JSON.stringify(reading),
      );
    }
  });
});

test('a canonical path is its own canonical path', () => {
  forAccepted((accepted, how) => assert.deepEqual(canonical(accepted.path + accepted.query, how), accepted));
});

test('a URL parser, which moves through dot segments and backslashes, leaves a canonical path as it is', () => {
  forAccepted(({ path, query }) => {
    const url = new URL(`http://upstream.example${path}${query}`);
    assert.equal(url.pathname, path);
    assert.equal(url.host, 'upstream.example');
    assert.equal(url.hash, '');
  });
});

test('no reading has an empty segment, a dot segment, a backslash, a control character or a second layer of escapes', () => {
  forAccepted(({ readings }) => {
    for (const segment of readings.flat()) {
      assert.doesNotMatch(segment, /^$|^\.\.?$|\\|\p{Cc}|%[0-9a-f]{2}/iu);
    }
  });
});

test('what is forwarded is visible ASCII without a fragment, so that it cannot end the request line', () => {
  forAccepted(({ path, query }) => assert.match(path + query, /^\/[\x21-\x22\x24-\x7e]*$/));
});

test('the query is forwarded as it came', () => {
  forAccepted(({ query }, _, text) => assert.equal(query, text.includes('?') ? text.slice(text.indexOf('?')) : ''));
});

test('an app that opts into nothing has one reading', () => {
  forAccepted((_, __, text) => {
    const strict = canonical(text, STRICT_PATHS);
    if (!('refused' in strict)) assert.equal(strict.readings.length, 1);
  });
});

test('whatever comes in, something comes out: arbitrary text is accepted or refused, never an exception', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webPath().map((path) => `/${path}`),
      ),
      options,
      (text, how) => {
        canonical(text, how);
      },
    ),
  );
});

test('two targets that are forwarded alike are judged alike', () => {
  const seen = new Map<string, string>();
  forAccepted(({ path, readings }, { windows }) => {
    const key = `${windows} ${path}`;
    const judged = JSON.stringify(readings);
    assert.equal(seen.get(key) ?? judged, judged);
    seen.set(key, judged);
  });
});
