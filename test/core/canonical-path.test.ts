import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  acceptPath,
  type CanonicalPath,
  foldCase,
  type PathOptions,
  type PathRefusal,
  parseTarget,
  type Refused,
  STRICT_PATHS,
} from '../../src/core/canonical-path.ts';

function canonical(target: string, options: Partial<PathOptions> = {}): CanonicalPath | Refused {
  const parsed = parseTarget(target);
  return 'refused' in parsed ? parsed : acceptPath(parsed, { ...STRICT_PATHS, ...options });
}

const REFUSED: readonly (readonly [name: string, target: string, why: PathRefusal])[] = [
  ['T116 dot segment', '/./admin', 'dot_segment'],
  ['T117 escaped dot segment', '/%2e/admin', 'dot_segment'],
  ['T117 the same in capitals', '/%2E/admin', 'dot_segment'],
  ['T119 fragment', '/admin#x', 'bad_character'],
  ['T119 fragment in the query', '/public?a#/admin', 'bad_character'],
  ['T120 parent segment', '/public/../admin', 'dot_segment'],
  ['T120 parent segment at the end', '/public/..', 'dot_segment'],
  ['T120 dot segment at the end', '/public/.', 'dot_segment'],
  ['T121 escaped parent segment', '/public/%2e%2e/admin', 'dot_segment'],
  ['T121 half escaped parent segment', '/public/.%2E/admin', 'dot_segment'],
  ['T122 parent segment behind an escaped slash', '/public/..%2fadmin', 'dot_segment'],
  ['T122 escaped slash before a parent segment', '/public%2f..%2fadmin', 'dot_segment'],
  ['T123 parent segment escaped twice', '/public/%252e%252e/admin', 'double_encoding'],
  ['T123 escaped in two steps', '/%25%32%65', 'double_encoding'],
  ['T123 escaped the Microsoft way', '/%25u002e', 'double_encoding'],
  ['T125 double slash in front', '//admin', 'double_slash'],
  ['T125 double slash within', '/x//admin', 'double_slash'],
  ['T125 double slash behind', '/admin//', 'double_slash'],
  ['T127 parameters', '/admin;a=b/x', 'parameters'],
  ['T127 empty parameters', '/admin;', 'parameters'],
  ['T127 session parameter', '/admin;jsessionid=1', 'parameters'],
  ['T127 escaped semicolon', '/admin%3Ba=b', 'parameters'],
  ['T127 parent segment with parameters', '/public/..;a=b/admin', 'dot_segment'],
  ['T127 dot segment with parameters', '/.;/admin', 'dot_segment'],
  ['T128 escaped slash', '/admin%2fx', 'encoded_slash'],
  ['T128 slash escaped twice', '/admin%252fx', 'double_encoding'],
  ['T130 escaped NUL', '/admin%00', 'bad_character'],
  ['T130 raw NUL', '/admin\u0000', 'bad_character'],
  ['T132 absolute form', 'http://gateway/admin', 'not_origin_form'],
  ['T132 absolute form of another host', 'https://evil.example/admin', 'not_origin_form'],
  ['T134 asterisk form', '*', 'not_origin_form'],
  ['authority form', 'evil.example:443', 'not_origin_form'],
  ['nothing', '', 'not_origin_form'],
  ['query alone', '?a', 'not_origin_form'],
  ['backslash', '/public\\..\\admin', 'backslash'],
  ['escaped backslash', '/public%5c..%5cadmin', 'backslash'],
  ['bare percent', '/100%', 'bad_encoding'],
  ['escape of other letters', '/%zz', 'bad_encoding'],
  ['invalid UTF-8', '/%ff', 'bad_encoding'],
  ['overlong slash', '/%c0%af', 'bad_encoding'],
  ['overlong dot', '/%c0%ae%c0%ae/admin', 'bad_encoding'],
  ['half of a surrogate pair', '/%ed%a0%80', 'bad_encoding'],
  ['Latin-1', '/%E9', 'bad_encoding'],
  ['raw space', '/a b', 'bad_character'],
  ['raw letter beyond ASCII', '/ä', 'bad_character'],
  ['tab', '/a\tb', 'bad_character'],
  ['line break', '/a\r\nX: y', 'bad_character'],
  ['line break at the end', '/a\n', 'bad_character'],
  ['escaped line break', '/a%0d%0a', 'bad_character'],
  ['escaped DEL', '/a%7f', 'bad_character'],
  ['escaped C1 control', '/a%c2%85', 'bad_character'],
  ['space in the query', '/a?b c', 'bad_character'],
  ['line break in the query', '/a?b\r\n', 'bad_character'],
];

describe('a target that can be read in two ways is refused', () => {
  for (const [name, target, why] of REFUSED) {
    test(`${name}: ${JSON.stringify(target)} is ${why}`, () => assert.deepEqual(canonical(target), { refused: why }));
  }
});

const ACCEPTED: readonly (readonly [name: string, target: string, path: string, segments: readonly string[]])[] = [
  ['the root', '/', '/', []],
  ['a plain path', '/admin/users', '/admin/users', ['admin', 'users']],
  ['a trailing slash, which is kept and not judged', '/admin/', '/admin/', ['admin']],
  ['T126 capitals, which are other letters', '/ADMIN', '/ADMIN', ['ADMIN']],
  ['T131 needless escapes, which are undone', '/%61dmin', '/admin', ['admin']],
  ['T136 a query, which is not looked at', '/admin?x=/public', '/admin', ['admin']],
  ['T136 dots in a query', '/public?/../admin', '/public', ['public']],
  ['a question mark in a query', '/a?b?c', '/a', ['a']],
  ['escapes that are needed', '/a%20b/%C3%A4', '/a%20b/%C3%A4', ['a b', 'ä']],
  ['escapes in small letters, which become capitals', '/%c3%a4', '/%C3%A4', ['ä']],
  ['a percent sign', '/100%25', '/100%25', ['100%']],
  ['a question mark and a hash in the path', '/a%3fb%23c', '/a%3Fb%23c', ['a?b#c']],
  ['all of pchar', "/~!$&'()*+,=:@-_.a", "/~!$&'()*+,=:@-_.a", ["~!$&'()*+,=:@-_.a"]],
  ['pchar escaped', '/%21%24%26%27%28%29%2A%2B%2C%3D%3A%40', "/!$&'()*+,=:@", ["!$&'()*+,=:@"]],
  ['letters that are not pchar', '/"<>[]^`{|}', '/%22%3C%3E%5B%5D%5E%60%7B%7C%7D', ['"<>[]^`{|}']],
  ['names that start with a dot', '/.well-known/...', '/.well-known/...', ['.well-known', '...']],
  ['a plain path of our own', '/.stepgate/x', '/.stepgate/x', ['.stepgate', 'x']],
];

describe('a target that can be read in one way is accepted', () => {
  for (const [name, target, path, segments] of ACCEPTED) {
    test(`${name}: ${target}`, () => {
      const query = target.includes('?') ? target.slice(target.indexOf('?')) : '';
      assert.deepEqual(canonical(target), { path, query, readings: [segments] });
    });
  }
});

const OPTED: readonly (readonly [
  name: string,
  options: Partial<PathOptions>,
  target: string,
  accepted: Omit<CanonicalPath, 'query'> | PathRefusal,
])[] = [
  [
    'T125 merged double slashes',
    { doubleSlash: 'merge' },
    '//x///admin//',
    { path: '/x/admin/', readings: [['x', 'admin']] },
  ],
  ['nothing but slashes', { doubleSlash: 'merge' }, '///', { path: '/', readings: [[]] }],
  ['merged, but a dot segment', { doubleSlash: 'merge' }, '//./admin', 'dot_segment'],
  [
    'T128 an escaped slash, as a letter and as a separator',
    { encodedSlash: 'allow' },
    '/admin%2fx',
    { path: '/admin%2Fx', readings: [['admin/x'], ['admin', 'x']] },
  ],
  ['T122 an escaped slash beside a parent segment', { encodedSlash: 'allow' }, '/public%2f..%2fadmin', 'dot_segment'],
  ['an escaped slash in front', { encodedSlash: 'allow' }, '/%2fadmin', 'double_slash'],
  [
    'an escaped slash in front, even where slashes are merged',
    { encodedSlash: 'allow', doubleSlash: 'merge' },
    '/%2fadmin',
    'double_slash',
  ],
  ['a slash escaped twice', { encodedSlash: 'allow' }, '/a%252fb', 'double_encoding'],
  [
    'T127 parameters, with and without them',
    { parameters: 'allow' },
    '/admin;a=b/x',
    {
      path: '/admin;a=b/x',
      readings: [
        ['admin;a=b', 'x'],
        ['admin', 'x'],
      ],
    },
  ],
  ['parameters of nothing', { parameters: 'allow' }, '/;a=b/x', 'double_slash'],
  ['a parent segment with parameters', { parameters: 'allow' }, '/x/..;a/admin', 'dot_segment'],
  ['an escaped semicolon', { parameters: 'allow' }, '/admin%3ba', 'parameters'],
  [
    'parameters and escaped slashes, every reading',
    { parameters: 'allow', encodedSlash: 'allow' },
    '/a;p%2fb/c',
    {
      path: '/a;p%2Fb/c',
      readings: [
        ['a;p/b', 'c'],
        ['a', 'c'],
        ['a;p', 'b', 'c'],
        ['a', 'b', 'c'],
      ],
    },
  ],
  [
    'a parent segment that parameters hide',
    { parameters: 'allow', encodedSlash: 'allow' },
    '/a;p%2f..%2fb',
    'dot_segment',
  ],
  [
    'a session parameter',
    { parameters: 'jsessionid' },
    '/a;jsessionid=A1.node-2!x',
    { path: '/a;jsessionid=A1.node-2!x', readings: [['a;jsessionid=A1.node-2!x'], ['a']] },
  ],
  ['a session parameter beside another', { parameters: 'jsessionid' }, '/a;jsessionid=1;b=2', 'parameters'],
  ['a session parameter of no value', { parameters: 'jsessionid' }, '/a;jsessionid=', 'parameters'],
  ['another parameter', { parameters: 'jsessionid' }, '/a;sessionid=1', 'parameters'],
  [
    'a session parameter with a slash',
    { parameters: 'jsessionid', encodedSlash: 'allow' },
    '/a;jsessionid=1%2fb',
    'parameters',
  ],
  [
    'T126 Windows: folded to be judged, forwarded as it came',
    { windows: true },
    '/ADMIN/Users',
    { path: '/ADMIN/Users', readings: [['admin', 'users']] },
  ],
  ['T126 Windows: letters beyond ASCII', { windows: true }, '/%C3%84', { path: '/%C3%84', readings: [['ä']] }],
  ['T135 Windows: trailing dot', { windows: true }, '/admin.', 'windows_name'],
  ['T135 Windows: trailing space', { windows: true }, '/admin%20', 'windows_name'],
  ['T135 Windows: trailing dot of a folder', { windows: true }, '/admin./x', 'windows_name'],
  ['Windows: short name', { windows: true }, '/ADMINI~1', 'windows_name'],
  ['Windows: stream', { windows: true }, '/admin::$DATA', 'windows_name'],
  ['Windows: trailing dot before parameters', { windows: true, parameters: 'allow' }, '/admin.;a', 'windows_name'],
  [
    'Windows: trailing dot before an escaped slash',
    { windows: true, encodedSlash: 'allow' },
    '/admin.%2fx',
    'windows_name',
  ],
  ['Windows: Kelvin sign for k', { windows: true }, '/%E2%84%AA', 'windows_name'],
  ['Windows: long s', { windows: true }, '/%C5%BF', 'windows_name'],
  ['Windows: dotless i', { windows: true }, '/%C4%B1', 'windows_name'],
  ['Windows: I with dot', { windows: true }, '/%C4%B0', 'windows_name'],
  ['Windows: full-width letter', { windows: true }, '/%EF%BC%A1dmin', 'windows_name'],
  ['Windows: full-width slash', { windows: true }, '/a%EF%BC%8Fb', 'windows_name'],
];

describe('an app that opts in', () => {
  for (const [name, options, target, accepted] of OPTED) {
    test(`${name}: ${target}`, () => {
      const expected = typeof accepted === 'string' ? { refused: accepted } : { ...accepted, query: '' };
      assert.deepEqual(canonical(target, options), expected);
    });
  }
});

test('every option of its own lets only its own kind through', () => {
  const needs: Readonly<Record<string, Partial<PathOptions>>> = {
    '/a%2fb': { encodedSlash: 'allow' },
    '/a//b': { doubleSlash: 'merge' },
    '/a;b': { parameters: 'allow' },
  };
  for (const target of Object.keys(needs)) {
    for (const [other, options] of Object.entries(needs)) {
      assert.equal(
        'refused' in canonical(target, options),
        target !== other,
        `${target} with ${JSON.stringify(options)}`,
      );
    }
  }
});

test('rules are folded as paths are', () => {
  assert.equal(foldCase('ÄDMIN'), 'ädmin');
});
