import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ACS_LIMIT } from '../../src/http/saml/acs.ts';
import { POSTS_OF_A_FLOW } from '../../src/http/saml/post-limit.ts';
import { assertEnded, copyOf, FLOW_COOKIE } from '../support/besieged.ts';
import type { Posted } from '../support/fake-idp.ts';
import { requestBytes, sendBytes } from '../support/raw-http.ts';
import { ACS, CONTINUE, postedBy, type SamlStage, startSamlStage, targetOf } from '../support/saml-stage.ts';
import { POLICIES } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

/** A second provider, for an app on another host of the gateway; the first app has a second origin too. */
const twoHosts = (text: string): string => {
  const port = /127\.0\.0\.1:(\d+)"\]/.exec(text)?.[1];
  return text
    .replace('\napps:', `${PARTNER}\napps:`)
    .replace(`["http://127.0.0.1:${port}"]`, `["http://127.0.0.1:${port}", "http://localhost:${port}"]`)
    .concat(
      `  travel: {origins: ["http://travel.localhost:${port}"], upstream: "http://127.0.0.1:9", provider: partner}\n`,
    );
};

const PARTNER = `
  partner:
    type: saml
    metadata: idp.xml
    entity_id: urn:stepgate:partner
    levels: {password: {class_ref: "urn:x:password"}, mfa: {class_ref: "urn:x:mfa"}}`;

let stage: SamlStage;
let alice: Visitor;
let posted: Posted;
before(async () => {
  stage = await startSamlStage({ policies: `${POLICIES}  travel: {}\n`, gateway: twoHosts });
});
beforeEach(async () => {
  stage.straighten();
  alice = stage.visitor();
  posted = await stage.depart(alice, '/home');
});
after(() => stage.stop());

/** The trip that the answer is for can still be finished: nothing of it was used up. */
async function assertFinishes(): Promise<void> {
  const handed = await stage.post(posted);
  assert.equal(handed.status, 303, handed.text);
  assert.equal((await alice.open(targetOf(handed.location))).location, `${stage.origin}/home`);
}

const assertRefused = (reply: Reply, status: number, word: string): void => {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.text, new RegExp(word));
  assert.equal(reply.location, null);
  assert.deepEqual(reply.setCookies, []);
};

describe('a post that no provider sends', () => {
  const forms: readonly [what: string, alter: (form: URLSearchParams) => unknown][] = [
    ['with no field at all', (form) => [...form.keys()].map((name) => form.delete(name))],
    ['without a response', (form) => form.delete('SAMLResponse')],
    ['with two responses', (form) => form.append('SAMLResponse', form.get('SAMLResponse') ?? '')],
    ['with an empty response first', (form) => form.append('SAMLResponse', '')],
    ['with two RelayStates', (form) => form.append('RelayState', form.get('RelayState') ?? '')],
    ['with an artifact beside it', (form) => form.append('SAMLart', 'AAQ')],
    ['with a request beside it', (form) => form.append('SAMLRequest', 'AAQ')],
    ['with any other field', (form) => form.append('x', '')],
    ['with names in other letters', (form) => [form.set('samlresponse', 'x'), form.delete('SAMLResponse')]],
    ['with a RelayState of 81 characters', (form) => form.set('RelayState', `${form.get('RelayState')}A`)],
  ];
  for (const [what, alter] of forms) {
    it(`T083 ${what}: 400, and the trip goes on`, async () => {
      const form = new URLSearchParams(posted.form);
      alter(form);
      assertEnded(stage, await stage.post(posted, { body: form.toString() }), 400, 'invalid_response');
      await assertFinishes();
    });
  }

  const { SAMLResponse, RelayState } = { SAMLResponse: 'A', RelayState: 'B' };
  const types: readonly [type: string, body: string][] = [
    ['application/json', JSON.stringify({ SAMLResponse, RelayState })],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="SAMLResponse"\r\n\r\nA\r\n--x--\r\n`,
    ],
    ['text/plain', 'SAMLResponse=A&RelayState=B'],
    ['application/xml', '<Response/>'],
    ['application/x-www-form-urlencoded-not', 'SAMLResponse=A&RelayState=B'],
    ['', 'SAMLResponse=A&RelayState=B'],
  ];
  for (const [type, body] of types) {
    it(`T083 of type ${type || 'unknown'}: 400`, async () => {
      const reply = await stage.post(posted, { body, headers: { 'content-type': type } });
      assertRefused(reply, 400, 'ambiguous_request|invalid_response');
      await assertFinishes();
    });
  }

  const arrivals: readonly [what: string, headers: Record<string, string>][] = [
    ['by a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['by a script that cannot read the answer', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
    ['in a frame', { 'sec-fetch-dest': 'iframe' }],
    ['ahead of time', { 'sec-purpose': 'prefetch' }],
    ['by a program', { 'sec-fetch-mode': '', 'sec-fetch-dest': '', accept: '*/*' }],
  ];
  for (const [what, headers] of arrivals) {
    it(`T083 posted or come for ${what}: 403, and nothing is used up`, async () => {
      assertRefused(await stage.post(posted, { headers }), 403, 'navigation_required');
      const target = targetOf((await stage.post(posted)).location);
      assertRefused(await alice.open(target, { headers }), 403, 'navigation_required');
      assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
    });
  }

  it('T083 by another method: nothing is there', async () => {
    const body = new URLSearchParams(posted.form).toString();
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const headers = { 'content-length': String(body.length) };
      assert.equal((await stage.post(posted, { method, headers })).status, 404, method);
    }
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await alice.open(`${ACS}?${body}`, { method })).status, 404, method);
    }
    const target = targetOf((await stage.post(posted)).location);
    for (const method of ['HEAD', 'POST', 'PUT']) {
      const headers = { ...postedBy(stage.idp.origin), 'content-length': '0' };
      assert.equal((await alice.open(target, { method, headers })).status, 404, method);
    }
    assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
  });

  it('T090 a body over the limit: 413 before all of it has come, and memory stays bounded', async () => {
    const { host } = new URL(stage.origin);
    const lines = [
      'Content-Type: application/x-www-form-urlencoded',
      'Accept: text/html',
      `Content-Length: ${50 * 1024 * 1024}`,
    ];
    const bytes = requestBytes(ACS, { method: 'POST', host, lines });
    const { statuses, closed } = await sendBytes(stage.port, bytes);
    assert.deepEqual([statuses, closed], [[413], true], 'by what the header says');
    const chunk = 'a'.repeat(64 * 1024);
    const chunked = [`Transfer-Encoding: chunked`, ...lines.slice(0, 2)];
    const endless = `${requestBytes(ACS, { method: 'POST', host, lines: chunked })}${`10000\r\n${chunk}\r\n`.repeat(ACS_LIMIT / chunk.length + 2)}`;
    assert.deepEqual((await sendBytes(stage.port, endless)).statuses, [413], 'by what has come');
    const form = { ...posted.form, SAMLResponse: 'A'.repeat(256 * 1024 + 4) };
    const before = process.memoryUsage().rss;
    for (let i = 0; i < POSTS_OF_A_FLOW - 1; i++) {
      assertEnded(stage, await stage.post({ form }), 400, 'invalid_response');
    }
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
    await assertFinishes();
  });

  it('T074 a flood of posts for one trip is verified a few times, and others are not kept waiting for it', async () => {
    const rubbish = { form: { ...posted.form, SAMLResponse: 'AAAA' } };
    const replies = await Promise.all(Array.from({ length: 60 }, () => stage.post(rubbish)));
    const words = replies.map(({ text }) => /<dd>(invalid_response|flow_replayed)<\/dd>/.exec(text)?.[1]);
    assert.equal(words.filter((word) => word === 'invalid_response').length, POSTS_OF_A_FLOW);
    assert.equal(words.filter((word) => word === 'flow_replayed').length, 60 - POSTS_OF_A_FLOW);
    assert.equal((await stage.browse(stage.visitor(), '/home')).reply.status, 200);
  });
});

describe('the reference of a trip by the other protocol, after the provider has changed its own', () => {
  it('T083 is none: 400, and nothing is exchanged or verified', async () => {
    const { issuer, clientId } = stage.op;
    const openId = `  corp: {type: oidc, issuer: "${issuer}", client_id: ${clientId}, client_secret: "\${env:CLIENT_SECRET}", levels: {password: {acr: pwd}, mfa: {acr: mfa}}}`;
    const policies = `${POLICIES}  travel: {}\n`;
    const gateway = (text: string): string => twoHosts(text).replace(/ {2}corp:[\s\S]*?(?=\n {2}partner:)/, openId);
    assert.ok(await stage.reload({ policies, gateway }));
    const redirect = await copyOf(stage, alice).open('/home');
    const back = await stage.op.visit(redirect.location ?? '');
    const state = back.searchParams.get('state') ?? '';
    back.searchParams.set('state', posted.form.RelayState);
    assertEnded(stage, await copyOf(stage, alice).open(targetOf(back.href)), 400, 'invalid_response');
    assert.equal(stage.op.counts.token, 0);
    assert.ok(await stage.reload());
    assertEnded(stage, await stage.post({ form: { ...posted.form, RelayState: state } }), 400, 'invalid_response');
    assert.equal(stage.events('step_up_failed').at(-1)?.detail, 'fields');
    await assertFinishes();
  });
});

describe('an answer on another origin', () => {
  const at = (host: string) => ({ host: `${host}:${stage.port}` });

  it('T083 of the same app: the RelayState is of one origin alone, and so is the handle', async () => {
    const elsewhere = await stage.post(posted, { headers: at('localhost') });
    assertEnded(stage, elsewhere, 400, 'invalid_response');
    assert.equal(stage.events('step_up_failed').at(-1)?.detail, 'relay_state_not_ours');
    const target = targetOf((await stage.post(posted)).location);
    assertEnded(stage, await alice.open(target, { headers: at('localhost') }), 400, 'flow_expired');
    assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
  });

  it('T083 of apps that do not name the provider: there is no such place', async () => {
    assert.equal((await stage.post(posted, { headers: at('travel.localhost') })).status, 404);
    const partners = ACS.replace('corp', 'partner');
    const body = new URLSearchParams(posted.form).toString();
    const sending = { method: 'POST', body, headers: postedBy(stage.idp.origin) };
    assert.equal((await stage.visitor().open(partners, sending)).status, 404);
    for (const name of ['nobody', '__proto__', 'CORP', 'corp%00']) {
      assert.notEqual((await stage.visitor().open(ACS.replace('corp', name), sending)).status, 303, name);
    }
    await assertFinishes();
  });

  it('T083 come for at another provider’s place: refused, and nothing is used up', async () => {
    const target = targetOf((await stage.post(posted)).location);
    const elsewhere = await alice.open(target.replace(CONTINUE, CONTINUE.replace('corp', 'partner')));
    assertEnded(stage, elsewhere, 400, 'invalid_response');
    assert.ok([...alice.jar.keys()].some((name) => FLOW_COOKIE.test(name)));
    assert.equal((await alice.open(target)).location, `${stage.origin}/home`);
  });
});
