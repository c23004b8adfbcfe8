import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, unescapedHtml } from '../../src/pages/html.ts';

test('values are escaped in text and in quoted attributes', () => {
  const value = `<b>&"'\``;
  assert.equal(
    html`<p title="${value}">${value}</p>`.toString(),
    '<p title="&lt;b&gt;&amp;&quot;&#39;&#96;">&lt;b&gt;&amp;&quot;&#39;&#96;</p>',
  );
});

test('HTML inside HTML stays as it is, alone or in a list, null is nothing and a number is itself', () => {
  const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
  assert.equal(html`<ul>${items}</ul>${null}${3}`.toString(), '<ul><li>a</li><li>&lt;</li></ul>3');
  assert.equal(html`${unescapedHtml('<hr>')}`.toString(), '<hr>');
});

test('an object that only looks like HTML is not taken for it', () => {
  const forged = { toString: () => '<script>' };
  // biome-ignore lint/suspicious/noExplicitAny: what the types forbid is what is tried
  assert.throws(() => html`${forged as any}`.toString());
});

test('no text whatever opens a tag or ends an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inside = html`${text}`.toString();
      assert.doesNotMatch(inside, /[<>"'`]/);
      assert.ok(inside.isWellFormed());
    }),
  );
});

test('a template with a value in an unquoted attribute, or inside a URL, is refused', () => {
  assert.throws(() => html`<p title=${'a'}>`, TypeError);
  assert.throws(() => html`<meta content="0; url=${'a'}">`, TypeError);
  assert.throws(() => html`<a href="${'/'}${'/evil.example'}">`, TypeError);
});

const LINKS: readonly (readonly [url: string, kept: boolean])[] = [
  ['/', true],
  ['/a/b?c=d&e=f', true],
  ['https://id.example.com/x?y=1', true],
  ['http://127.0.0.1:8080/', true],
  ['HTTPS://id.example.com', true],
  ['javascript:alert(1)', false],
  ['JaVaScRiPt:alert(1)', false],
  [' javascript:alert(1)', false],
  ['java\tscript:alert(1)', false],
  ['data:text/html,x', false],
  ['vbscript:x', false],
  ['//evil.example', false],
  ['/\\evil.example', false],
  ['/\t/evil.example', false],
  ['/\n/evil.example', false],
  ['\\\\evil.example', false],
  ['https:/evil.example', false],
  ['https:///evil.example', false],
  ['https:\\\\evil.example', false],
  ['https://', false],
  ['relative', false],
  ['', false],
  ['#x', false],
];

for (const [url, kept] of LINKS) {
  test(`${JSON.stringify(url)} ${kept ? 'is a link' : 'leads nowhere'}`, () => {
    const expected = kept ? url.replaceAll('&', '&amp;') : 'about:blank#refused';
    assert.equal(html`<a href="${url}">`.toString(), `<a href="${expected}">`);
    assert.equal(html`<form action="${url}">`.toString(), `<form action="${expected}">`);
  });
}
