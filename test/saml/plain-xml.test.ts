import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPlainXml } from '../../src/saml/plain-xml.ts';
import { readInstant, readXml } from '../../src/saml/xml.ts';

describe('plain XML', () => {
  for (const text of [
    '<a/>',
    '<a></a>',
    '<a>text</a>',
    '\n<a b="1" c=\'2\'/>\n',
    '<p:a xmlns:p="urn:p" p:b="1"/>',
    '<?xml version="1.0"?><a/>',
    "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a/>",
    '<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x10FFFF;</a>',
    '<!-- before --><a><!-- in it --></a><!-- behind -->',
    '<a><![CDATA[<b> & ]] ></a>]]></a>',
    '<a b="a > b"/>',
    '<a>a > b</a>',
    '<a\n  b = "1"\n/>',
    '<a></a >',
    '<a>Zoë 😀</a>',
    '<a xmlns:p="u"><b xmlns=""/></a>',
  ]) {
    it(`is ${text}`, () => {
      assert.equal(isPlainXml(text), true);
      assert.notEqual(readXml(text), null);
    });
  }

  for (const [why, text] of [
    ['that is not there', ''],
    ['without an element', 'text'],
    ['of two elements', '<a/><b/>'],
    ['with text before it', 'x<a/>'],
    ['with text behind it', '<a/>x'],
    ['with a mark before it', '\uFEFF<a/>'],
    ['with a space before its declaration', ' <?xml version="1.0"?><a/>'],
    ['with a declaration in the middle', '<a><?xml version="1.0"?></a>'],
    ['with a declaration without a version', '<?xml encoding="UTF-8"?><a/>'],
    ['of version 1.1', '<?xml version="1.1"?><a/>'],
    ['in UTF-16 by its own account', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ['with an instruction', '<a><?x?></a>'],
    ['with a document type', '<!DOCTYPE a><a/>'],
    ['with an element that is not closed', '<a><b></a>'],
    ['with one that is closed twice', '<a/></a>'],
    ['with one that is closed by another', '<a></b>'],
    ['with a tag that does not end', '<a'],
    ['with a tag of nothing', '<>'],
    ['with a space before a name', '< a/>'],
    ['with attributes in a closing tag', '<a></a b="1">'],
    ['with an attribute without quotes', '<a b=1/>'],
    ['with an attribute without a value', '<a b/>'],
    ['with an attribute twice', '<a b="1" b="2"/>'],
    ['with attributes that touch', '<a b="1"c="2"/>'],
    ['with a tag in an attribute', '<a b="<c>"/>'],
    ['with a quote that does not end', '<a b="1/>'],
    ['with a line end of mainframes between attributes', '<a\u0085b="1"/>'],
    ['with a hard space between attributes', '<a\u00A0b="1"/>'],
    ['with a prefix that nobody declared', '<p:a/>'],
    ['with a prefix that is taken back', '<a xmlns:p="u"><b xmlns:p=""/></a>'],
    ['that declares the prefix of XML', '<a xmlns:xml="urn:x"/>'],
    ['that declares the prefix of declarations', '<a xmlns:xmlns="urn:x"/>'],
    ['with a name of two prefixes', '<a:b:c xmlns:a="u"/>'],
    ['with a lone ampersand', '<a>a & b</a>'],
    ['with a lone ampersand in an attribute', '<a b="a&b"/>'],
    ['with an entity of its own', '<a>&e;</a>'],
    ['with an entity of HTML', '<a>&nbsp;</a>'],
    ['with a reference to nothing', '<a>&#0;</a>'],
    ['with a reference to a control character', '<a>&#x1;</a>'],
    ['with a reference to half a character', '<a>&#xD800;</a>'],
    ['with a reference beyond Unicode', '<a>&#x110000;</a>'],
    ['with a reference in capitals', '<a>&#X41;</a>'],
    ['with a reference in an attribute to what is none', '<a b="&#8;"/>'],
    ['with a zero byte', '<a>\0</a>'],
    ['with a control character', '<a>\u000b</a>'],
    ['with half a character', '<a>\uD800</a>'],
    ['with no character', '<a>\uFFFE</a>'],
    ['with the end of CDATA that never began', '<a>]]></a>'],
    ['with CDATA that does not end', '<a><![CDATA[x</a>'],
    ['with CDATA outside', '<![CDATA[x]]><a/>'],
    ['with a comment that does not end', '<a><!-- x</a>'],
    ['with a comment of two dashes', '<a><!-- x -- y --></a>'],
    ['with a comment of three dashes at its end', '<a><!-- x ---></a>'],
  ] as const) {
    it(`is nothing ${why}`, () => {
      assert.equal(readXml(text), null);
    });
  }

  it('is thirty-two elements deep at most, whatever comments and CDATA say', () => {
    const deep = (levels: number, within = ''): string => `${`<a>${within}`.repeat(levels)}${'</a>'.repeat(levels)}`;
    assert.equal(isPlainXml(deep(32)), true);
    for (const within of ['', '<!--</a>-->', '<![CDATA[</a>]]>', '<b c="</a>"/>']) {
      assert.equal(isPlainXml(deep(33, within)), false, within);
    }
  });

  it('has so many pieces at most, of which comments and unusual attributes count for more', () => {
    const wide = (piece: string, times: number): string => `<a>${piece.repeat(times)}</a>`;
    assert.equal(isPlainXml(wide('<b/>', 3900)), true);
    assert.equal(isPlainXml(wide('<b/>', 4001)), false);
    assert.equal(isPlainXml(wide('<!---->', 90)), true);
    assert.equal(isPlainXml(wide('<!---->', 110)), false);
    assert.equal(isPlainXml(wide(`<b ${'c="" '.repeat(60)}/>`, 80)), false);
    assert.equal(isPlainXml(wide('<b/>', 4001), 10_000), true, 'unless more is allowed');
  });

  const N = 192 * 1024;
  for (const [says, text] of [
    ['beginnings of tags', '<'.repeat(N)],
    ['names of tags', '<a'.repeat(N / 2)],
    ['closing tags', '</a>'.repeat(N / 4)],
    ['elements', `<a>${'<b/>'.repeat(N / 4)}</a>`],
    ['levels', '<a>'.repeat(N / 3)],
    ['levels that comments hide', '<a><!--</a>-->'.repeat(N / 14)],
    ['comments', `<a>${'<!---->'.repeat(N / 7)}</a>`],
    ['comments that do not end', `<a>${'<!--'.repeat(N / 4)}`],
    ['CDATA', `<a>${'<![CDATA[]]>'.repeat(N / 12)}</a>`],
    ['CDATA that does not end', `<a>${'<![CDATA['.repeat(N / 9)}`],
    ['a name', `<${'a'.repeat(N)}/>`],
    ['a name with colons', `<${'a:'.repeat(N / 2)}/>`],
    ['white space in a tag', `<a ${' '.repeat(N)}/>`],
    ['white space behind an attribute’s name', `<a b${' '.repeat(N)}="1"/>`],
    ['white space in a tag that does not end', `<a${' '.repeat(N)}`],
    ['an attribute', `<a b="${'c'.repeat(N)}"/>`],
    ['an attribute that does not end', `<a b="${'c'.repeat(N)}`],
    ['attributes', `<a ${Array.from({ length: N / 12 }, (_, i) => `a${i}="1"`).join(' ')}/>`],
    ['quotes', `<a b=${'"'.repeat(N)}`],
    ['ampersands', `<a>${'&'.repeat(N)}</a>`],
    ['references', `<a>${'&#x41;'.repeat(N / 6)}</a>`],
    ['text', `<a>${'x'.repeat(N)}</a>`],
    ['ends of CDATA', `<a>${']]'.repeat(N / 2)}</a>`],
    ['spaces before a declaration', `<?xml${' '.repeat(N)}`],
  ] as const) {
    it(`takes no time over 192 kB of ${says}`, () => {
      const before = process.cpuUsage();
      isPlainXml(text);
      const { user, system } = process.cpuUsage(before);
      // Each takes a few milliseconds; what grew with the square of the length would take minutes.
      assert.ok(user + system < 500_000, `${(user + system) / 1000} ms`);
    });
  }
});

describe('a moment', () => {
  it('is in UTC, and to fractions of a second where it says so', () => {
    assert.equal(readInstant('1970-01-01T00:01:00Z'), 60);
    assert.equal(readInstant('1970-01-01T00:01:00.25Z'), 60.25);
    assert.equal(readInstant('2026-11-23T04:00:00.123456789Z'), Date.parse('2026-11-23T04:00:00.123Z') / 1000);
  });

  for (const text of [
    '',
    'now',
    '0',
    '2026-11-23',
    '2026-11-23T04:00:00',
    '2026-11-23T04:00:00+00:00',
    '2026-11-23T04:00:00+02:00',
    '2026-11-23 04:00:00Z',
    '2026-11-23T04:00Z',
    '2026-11-23T04:00:00z',
    ' 2026-11-23T04:00:00Z',
    '2026-11-23T04:00:00Z\n',
    '2026-02-30T04:00:00Z',
    '2026-13-01T04:00:00Z',
    '2026-11-23T25:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T04:00:60Z',
    '-2026-11-23T04:00:00Z',
    '12026-11-23T04:00:00Z',
    '٢٠٢٦-11-23T04:00:00Z',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => assert.equal(readInstant(text), null));
  }

  it('is not one that is absent', () => assert.equal(readInstant(null), null));
});
