import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RequestFacts, requestHeaders } from '../../src/proxy/request-headers.ts';

const FACTS: RequestFacts = {
  identity: [
    ['X-Auth-Subject', 'ada'],
    ['X-Auth-Level', 'password'],
  ],
  clientIp: '203.0.113.7',
  trustedPeer: false,
  host: 'payroll.example.com',
  scheme: 'https',
};

const own = {
  withoutOwnCookies: (header: string) => {
    const kept = header.split('; ').filter((pair) => !pair.startsWith('__Host-stepgate'));
    return kept.length === 0 ? null : kept.join('; ');
  },
};

function sent(received: readonly string[], facts: Partial<RequestFacts> = {}, peer = '203.0.113.7') {
  const { headers, hasBody } = requestHeaders(received, peer, { ...FACTS, ...facts }, own);
  const all = new Map<string, string[]>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    all.set(name, [...(all.get(name) ?? []), headers[index + 1] ?? '']);
  }
  return { all, hasBody };
}

describe('request headers', () => {
  it('pass end to end, names in lower case, repeated ones repeated', () => {
    const { all } = sent(['Accept', 'text/html', 'X-Custom', 'a', 'X-CUSTOM', 'b', 'Authorization', 'Basic eA==']);
    assert.deepEqual(all.get('accept'), ['text/html']);
    assert.deepEqual(all.get('x-custom'), ['a', 'b']);
    assert.deepEqual(all.get('authorization'), ['Basic eA==']);
  });

  for (const name of [
    ...['Keep-Alive', 'Proxy-Connection', 'Proxy-Authorization', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade'],
    ...['Expect', 'HTTP2-Settings', 'Proxy', 'X-HTTP-Method-Override', 'X-Original-URL', 'X-Rewrite-URL'],
  ]) {
    it(`leave out ${name}`, () => assert.equal(sent([name, 'trailers']).all.has(name.toLowerCase()), false));
  }

  for (const name of [
    ...['X-Auth-Level', 'x-auth-level', 'X-AUTH-SUBJECT', 'X-Auth-Anything', 'X_Auth_Level', 'X-Auth_Level'],
    ...['x.auth.level', 'X-Stepgate-Assertion', 'Remote-User', 'REMOTE_USER', 'X-Remote-User', 'X-Forwarded-User'],
    ...['X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username', 'X-Authenticated-Userid'],
    ...['X-Forwarded_For', 'X_Forwarded_Proto', 'X_Real_IP', 'Content_Length', 'Client-Cert', 'X-WebAuth-User'],
  ]) {
    it(`T138 T139: leave out a client's own ${name}`, () => {
      const { all } = sent([name, 'forged']);
      for (const values of all.values()) assert.equal(values.includes('forged'), false);
      assert.deepEqual(all.get('x-auth-level'), ['password']);
      assert.deepEqual(all.get('x-auth-subject'), ['ada']);
    });
  }

  it('T142: leave out identity headers of a client also when nobody is signed in', () => {
    assert.equal(sent(['X-Auth-Level', 'passkey'], { identity: [] }).all.has('x-auth-level'), false);
  });

  it('T140: a name in Connection takes away what the client sent, never what we set', () => {
    const { all } = sent(
      [
        ...['Connection', 'close, X-Auth-Level, x-forwarded-for', 'X-Gone', '1', 'Cookie', 'a=b', 'Accept', '*/*'],
        ...['Connection', 'x-gone,cookie, X-Real-IP, host'],
      ],
      {},
    );
    assert.deepEqual(all.get('x-auth-level'), ['password']);
    assert.deepEqual(all.get('x-forwarded-for'), ['203.0.113.7']);
    assert.deepEqual(all.get('x-real-ip'), ['203.0.113.7']);
    assert.deepEqual(all.get('host'), ['payroll.example.com']);
    assert.deepEqual(all.get('accept'), ['*/*']);
    for (const name of ['x-gone', 'cookie', 'connection']) assert.equal(all.has(name), false, name);
  });

  it('T150: carry no cookie of ours, and no Cookie header when none is left', () => {
    assert.deepEqual(sent(['Cookie', 'a=1; __Host-stepgate-idp=SECRET; b=2']).all.get('cookie'), ['a=1; b=2']);
    assert.deepEqual(sent(['Cookie', 'a=1', 'Cookie', '__Host-stepgate-idp=SECRET']).all.get('cookie'), ['a=1']);
    assert.equal(sent(['Cookie', '__Host-stepgate-idp=SECRET']).all.has('cookie'), false);
  });

  it('T148: say where the request came from in our words, not in those of an untrusted peer', () => {
    const { all } = sent([
      ...['X-Forwarded-For', '6.6.6.6', 'X-Forwarded-Host', 'evil.example', 'X-Forwarded-Proto', 'gopher'],
      ...['X-Forwarded-Port', '1', 'X-Real-IP', '6.6.6.6', 'Forwarded', 'for=6.6.6.6', 'Host', 'evil.example'],
      ...['True-Client-IP', '6.6.6.6'],
    ]);
    assert.deepEqual(all.get('x-forwarded-for'), ['203.0.113.7']);
    assert.deepEqual(all.get('x-forwarded-host'), ['payroll.example.com']);
    assert.deepEqual(all.get('x-forwarded-proto'), ['https']);
    assert.deepEqual(all.get('x-forwarded-port'), ['443']);
    assert.deepEqual(all.get('x-real-ip'), ['203.0.113.7']);
    assert.deepEqual(all.get('forwarded'), ['for=203.0.113.7;host="payroll.example.com";proto=https']);
    assert.deepEqual(all.get('host'), ['payroll.example.com']);
    assert.equal(all.has('true-client-ip'), false);
  });

  it('keep the chain of a trusted proxy and add that proxy to it', () => {
    const received = ['X-Forwarded-For', '9.9.9.9', 'x-forwarded-for', '203.0.113.7'];
    const { all } = sent(received, { trustedPeer: true, host: '[::1]:8443' }, '::ffff:10.0.0.2');
    assert.deepEqual(all.get('x-forwarded-for'), ['9.9.9.9, 203.0.113.7, 10.0.0.2']);
    assert.deepEqual(all.get('x-real-ip'), ['203.0.113.7']);
    assert.deepEqual(all.get('x-forwarded-port'), ['8443']);
  });

  it('write IPv6 as RFC 7239 wants it', () => {
    const { all } = sent([], { clientIp: '2001:db8::1', scheme: 'http', host: '[2001:db8::2]' });
    assert.deepEqual(all.get('forwarded'), ['for="[2001:db8::1]";host="[2001:db8::2]";proto=http']);
    assert.deepEqual(all.get('x-forwarded-port'), ['80']);
  });

  it('tell a body from none', () => {
    assert.equal(sent([]).hasBody, false);
    assert.equal(sent(['Content-Length', '0']).hasBody, false);
    assert.equal(sent(['Content-Length', '10']).hasBody, true);
    assert.equal(sent(['Transfer-Encoding', 'chunked']).hasBody, true);
    const taken = sent(['Connection', 'content-length', 'Content-Length', '10']);
    assert.equal(taken.hasBody, true);
    assert.equal(taken.all.has('content-length'), false);
  });

  it('are worked out alike beyond the names that are remembered', () => {
    for (let index = 0; index < 5_000; index += 1) sent([`X-Junk-${index}`, '1']);
    assert.equal(sent(['X-aUTH-lEVEL', 'passkey']).all.get('x-auth-level')?.includes('passkey'), false);
    assert.deepEqual(sent(['x-fREsh', '1']).all.get('x-fresh'), ['1']);
  });
});
