import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { ERRORS } from '../../src/errors.ts';
import { renderError } from '../../src/pages/error-page.ts';
import { pageHeaders } from '../../src/pages/headers.ts';
import { html } from '../../src/pages/html.ts';
import { renderLeavingByPost } from '../../src/pages/leaving-by-post.ts';
import { durationWords } from '../../src/pages/level-needed.ts';
import { renderLeaving, renderSignedOut, renderSignOut } from '../../src/pages/sign-out-pages.ts';
import { renderFormNeedsStepUp, renderFrame } from '../../src/pages/step-up-pages.ts';
import { ERROR_CODES, everyPage } from './every-page.ts';

const escaped = (text: string): string => html`${text}`.toString();

describe('every page', () => {
  const attack = `</title></style><img src=x onerror=alert(1)>"'><script>alert(1)</script>`;
  for (const { name, html: text } of everyPage(attack)) {
    test(`T035 ${name}: what comes from outside is text, in every place`, () => {
      assert.doesNotMatch(text, /<img|<script|<iframe|<object|<link|<base|http-equiv|javascript:/i);
      assert.equal(text.split('<style>').length, 2);
      // No tag has an event handler or a style attribute: what quotes enclose is text.
      const tags = text.replace(/<style>.*<\/style>/s, '').match(/<[a-z][^>]*>/g) ?? [];
      for (const tag of tags) assert.doesNotMatch(tag.replace(/"[^"]*"/g, '""'), /\son\w+=|\sstyle=|'/i);
    });
    test(`${name}: one main, one h1, the title, a language, and no other host`, () => {
      assert.match(text, /^<!doctype html>\n<html lang="en">/);
      assert.equal(text.match(/<main>/g)?.length, 1);
      assert.equal(text.match(/<h1>/g)?.length, 1);
      assert.equal(/<title>(.*)<\/title>/.exec(text)?.[1], /<h1>(.*)<\/h1>/.exec(text)?.[1]);
      assert.doesNotMatch(text, /(?:src|href|url\()\s*[=(]?\s*["']?(?:https?:)?\/\//);
    });
  }
});

describe('the error page', () => {
  for (const code of ERROR_CODES) {
    test(`${code}: says its heading and sentence, its code and the request id`, () => {
      const text = renderError(code, { requestId: 'req-1', actions: [] });
      assert.ok(text.includes(`<h1>${escaped(ERRORS[code].title)}</h1>`));
      assert.ok(text.includes(`<p>${escaped(ERRORS[code].sentence)}</p>`));
      assert.ok(text.includes(`<dd>${code}</dd>`));
      assert.ok(text.includes('<dd>req-1</dd>'));
    });
  }

  test('its first action is the main button, the others are second', () => {
    const actions = [
      { label: 'Try again', href: '/again' },
      { label: 'Front page', href: 'https://a.example/' },
    ];
    const text = renderError('access_denied', { requestId: 'r', actions });
    assert.ok(text.includes('<a class="button" href="/again">Try again</a>'));
    assert.ok(text.includes('<a class="button second" href="https://a.example/">Front page</a>'));
    assert.doesNotMatch(renderError('access_denied', { requestId: 'r', actions: [] }), /<a /);
  });

  test('an action that would run a script leads nowhere', () => {
    const text = renderError('internal', { requestId: 'r', actions: [{ label: 'x', href: 'javascript:alert(1)' }] });
    assert.ok(text.includes('href="about:blank#refused"'));
  });

  test('it names the level, its age and its message in the language of the message', () => {
    const message = { language: 'de', text: 'Bitte bestätigen Sie, dass Sie es sind.' };
    const text = renderError('level_not_met', {
      requestId: 'r',
      actions: [],
      level: { label: 'Security key', message, maxAge: 300 },
    });
    assert.match(text, /<bdi>Security key<\/bdi><\/span>, no older than 5 minutes/);
    assert.ok(text.includes('<p lang="de" dir="auto">Bitte bestätigen Sie, dass Sie es sind.</p>'));
  });

  test('a level without message or age says neither', () => {
    const text = renderError('level_not_met', { requestId: 'r', actions: [], level: { label: 'Security key' } });
    assert.doesNotMatch(text, /no older than|dir="auto"/);
  });
});

describe('the sign-out pages', () => {
  const question = { token: 'secret-token', action: '/.stepgate/sign-out', cancelHref: '/', requestId: 'r' };

  test('the question says who is signed in and posts the token', () => {
    const text = renderSignOut({ ...question, name: 'Ana' });
    assert.ok(text.includes('<bdi>Ana</bdi>'));
    assert.ok(text.includes('<form method="post" action="/.stepgate/sign-out"'));
    assert.ok(text.includes('<input type="hidden" name="token" value="secret-token">'));
  });

  test('the question does without a name', () => {
    assert.ok(renderSignOut({ ...question, name: null }).includes('You are signed in.'));
  });

  test('afterwards there is a way to start again', () => {
    assert.ok(renderSignedOut({ startHref: '/app' }).includes('<a class="button" href="/app">'));
  });

  test('one that leads on to the sign-in service has a link for who is not led', () => {
    const text = renderLeaving({ href: 'https://id.example.com/out?a=b&c="d' });
    assert.ok(
      text.includes('<meta http-equiv="refresh" content="0; url=https://id.example.com/out?a=b&amp;c=&quot;d">'),
    );
    assert.ok(text.includes('<a class="button" href="https://id.example.com/out?a=b&amp;c=&quot;d">'));
  });

  test('none leads to what is no address', () => {
    for (const href of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https://id.example.com/ x']) {
      assert.ok(renderLeaving({ href }).includes('content="0; url=about:blank#refused"'), href);
    }
  });
});

describe('the step-up pages', () => {
  test('the form page says that nothing was passed on and links to the step-up and back', () => {
    const text = renderFormNeedsStepUp({ stepUpHref: '/up', backHref: '/form', requestId: 'r' });
    assert.match(text, /What you entered was not passed on/);
    assert.ok(text.includes('<a class="button" href="/up">'));
    assert.ok(text.includes('<a class="button second" href="/form">'));
    assert.doesNotMatch(text, /<form/);
  });

  test('the form page does without a way back where none is known', () => {
    assert.doesNotMatch(renderFormNeedsStepUp({ stepUpHref: '/up', backHref: null, requestId: 'r' }), /second" href/);
  });

  test('the frame page has one link, and it takes the whole window', () => {
    const text = renderFrame({ stepUpHref: '/up' });
    assert.deepEqual(text.match(/<a [^>]*>/g), ['<a class="button" href="/up" target="_top">']);
  });
});

describe('the headers', () => {
  test('the stylesheet in every page is the one the policy names', () => {
    const policy = pageHeaders('page')['content-security-policy'] ?? '';
    for (const { html: text } of everyPage('x')) {
      const style = /<style>(.*)<\/style>/s.exec(text)?.[1] ?? '';
      assert.ok(policy.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`));
    }
  });

  for (const kind of ['page', 'form', 'post', 'plain_post'] as const) {
    test(`T166 a ${kind} may not be framed by anybody`, () => {
      const headers = pageHeaders(kind);
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'; .*; frame-ancestors 'none'$/);
      assert.equal(headers['x-frame-options'], 'DENY');
    });
  }

  test('T166 the frame page may be framed by its own origin alone', () => {
    const headers = pageHeaders('frame');
    assert.match(headers['content-security-policy'] ?? '', /; frame-ancestors 'self'$/);
    assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
  });

  for (const kind of ['page', 'form', 'post', 'plain_post', 'frame'] as const) {
    test(`a ${kind} is stored nowhere, sniffed by nobody and cut off from its opener`, () => {
      const headers = pageHeaders(kind);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cross-origin-opener-policy'], 'noopener-allow-popups');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['referrer-policy'], kind === 'form' ? 'same-origin' : 'no-referrer');
    });
  }

  for (const kind of ['page', 'form', 'frame'] as const) {
    test(`a ${kind} runs no script, and posts to us alone`, () => {
      const policy = pageHeaders(kind)['content-security-policy'] ?? '';
      assert.match(policy, /; form-action 'self'; base-uri 'none'; /);
      assert.doesNotMatch(policy, /unsafe|\*|https?:|script/);
    });
  }

  for (const [kind, schemes] of [
    ['post', 'https:'],
    ['plain_post', 'http: https:'],
  ] as const) {
    test(`a ${kind} runs the one script that posts it, to ${schemes}`, () => {
      const page = renderLeavingByPost({ action: 'https://idp.example/sso', fields: {} });
      const script = /<script>(.*)<\/script>/s.exec(page)?.[1] ?? '';
      const policy = pageHeaders(kind)['content-security-policy'] ?? '';
      const hash = createHash('sha256').update(script).digest('base64');
      assert.ok(policy.includes(`; script-src 'sha256-${hash}'; form-action ${schemes}; base-uri 'none'; `), policy);
      assert.doesNotMatch(policy, /unsafe|\*/);
    });
  }
});

for (const [span, words] of [
  [0, '0 seconds'],
  [1, '1 second'],
  [90, '1 minute 30 seconds'],
  [300, '5 minutes'],
  [5400, '1 hour 30 minutes'],
  [86_400, '1 day'],
  [604_800, '7 days'],
] as const) {
  test(`${span} seconds are said as ${words}`, () => assert.equal(durationWords(span), words));
}
