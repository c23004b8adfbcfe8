import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { privateCacheControl } from '../../src/proxy/cache-control.ts';
import { type ResponseFacts, responseHeaders } from '../../src/proxy/response-headers.ts';
import { setsOwnCookie } from '../../src/sessions/cookies.ts';

const own = { setsOwnCookie: (line: string) => setsOwnCookie(line, 'stepgate') };
const OPEN: ResponseFacts = { ownSetCookies: [], protectedResponse: false };

function got(received: readonly string[], facts: Partial<ResponseFacts> = {}, status = 200): [string, string][] {
  const raw = received.map((text) => Buffer.from(text, 'latin1'));
  const headers = responseHeaders(raw, status, { ...OPEN, ...facts }, own);
  return headers.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, headers[index + 1] ?? '']] : [],
  );
}

describe('response headers', () => {
  it('pass as the upstream wrote them, bytes included', () => {
    const received = ['Date', 'Thu, 01 Jan 1970 00:00:00 GMT', 'SERVER', 'old/1.0', 'X-Name', 'Zo\u00c3\u00ab'];
    assert.deepEqual(got(received).flat(), received);
  });

  it('lose what belongs to the connection, and what Connection names', () => {
    const headers = got([
      ...['Connection', 'close, X-Internal', 'Keep-Alive', 'timeout=5', 'X-INTERNAL', '1', 'Proxy-Authenticate', 'x'],
      ...['Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Trailer', 'X-T', 'X-Kept', '1'],
    ]);
    assert.deepEqual(headers, [['X-Kept', '1']]);
  });

  it('T149: an upstream can neither set our cookies nor clear them, nor speak our headers', () => {
    const headers = got([
      ...['Set-Cookie', '__Host-stepgate-idp=forged; Path=/; Secure', 'set-cookie', ' stepgate-idp =forged'],
      ...['SET-COOKIE', 'stepgate=forged', 'Set-Cookie', '=stepgate-idp=forged', 'Set-Cookie', 'stepgate-idp'],
      ...['Clear-Site-Data', '"cookies"', 'X-Auth-Level', 'passkey', 'X_Auth_Level', 'passkey', 'X-Stepgate-A', '1'],
      ...['Set-Cookie', 'app=1; Path=/', 'Set-Cookie', 'lang=en'],
    ]);
    assert.deepEqual(headers, [
      ['Set-Cookie', 'app=1; Path=/'],
      ['Set-Cookie', 'lang=en'],
    ]);
  });

  it('carry our cookies beside those of the app, and then stay out of shared caches', () => {
    const headers = got(['Set-Cookie', 'app=1', 'Cache-Control', 'public, max-age=60'], {
      ownSetCookies: ['s=1', 't=2'],
    });
    assert.deepEqual(headers, [
      ['Set-Cookie', 'app=1'],
      ['Cache-Control', 'max-age=60, private'],
      ['Set-Cookie', 's=1'],
      ['Set-Cookie', 't=2'],
    ]);
  });

  it('keep a protected answer out of shared caches, whatever the upstream tells them', () => {
    const headers = got(
      [
        ...['Cache-Control', 'public', 'Cache-Control', 's-maxage=60', 'Surrogate-Control', 'max-age=60'],
        ...['CDN-Cache-Control', 'max-age=60'],
      ],
      { protectedResponse: true },
    );
    assert.deepEqual(headers, [['Cache-Control', 'private']]);
  });

  it('leave the caching of a public answer to the upstream', () => {
    const received = ['Cache-Control', 'public, s-maxage=60', 'Surrogate-Control', 'max-age=60'];
    assert.deepEqual(got(received).flat(), received);
  });

  it('say no length with 204', () => {
    assert.deepEqual(got(['Content-Length', '0'], {}, 204), []);
    assert.deepEqual(got(['Content-Length', '5'], {}, 304), [['Content-Length', '5']]);
  });
});

describe('Cache-Control of an answer for one person', () => {
  for (const [received, sent] of [
    [null, 'private'],
    ['', 'private'],
    ['no-store', 'no-store'],
    ['public, No-Store', 'public, No-Store'],
    ['private, max-age=5', 'max-age=5, private'],
    ['max-age=600', 'max-age=600, private'],
    ['PUBLIC , S-MaxAge=5,must-revalidate', 'must-revalidate, private'],
    ['private="set-cookie, x", no-cache="a, public, b"', 'no-cache="a, public, b", private'],
    ['x="public, s-maxage=5', 'x=, private'],
    [',,,', 'private'],
  ] as const) {
    it(`${JSON.stringify(received)} becomes ${JSON.stringify(sent)}`, () =>
      assert.equal(privateCacheControl(received), sent));
  }
});
