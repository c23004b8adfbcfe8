import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPayroll } from '../../src/demo/payroll.ts';

const IDENTITY = {
  'X-Auth-Subject': 'carol',
  'X-Auth-Name': 'Carol N%E2%80%99Diay%C3%A9',
  'X-Auth-Groups': 'staff,a%2Cb',
  'X-Auth-Time': '1791187200',
};

describe('the payroll application of the demo', () => {
  let payroll: Awaited<ReturnType<typeof startPayroll>>;
  before(async () => {
    payroll = await startPayroll({ port: 0, links: [{ href: '/.stepgate/sign-out', text: 'Sign out' }] });
  });
  after(() => payroll.close());
  const get = (path: string, init: RequestInit = {}) => fetch(payroll.url + path, init);

  for (const [path, title] of [
    ['/', 'Welcome'],
    ['/account', 'Your account'],
    ['/payslips', 'Your payslips'],
    ['/payslips/2026-10', 'Payslip 2026-10'],
    ['/approve/42', 'Payment 42'],
    ['/bank-account', 'Your bank account'],
    ['/report', 'Report'],
    ['/legacy/old', 'The old part'],
  ] as const) {
    it(`has a page ${path} with navigation, whoever asks`, async () => {
      const response = await get(path);
      assert.equal(response.status, 200);
      const text = await response.text();
      assert.ok(text.includes(`<h1>${title}</h1>`));
      assert.match(text, /<nav aria-label="Payroll">/);
      assert.match(text, /<footer>.*<a href="\/\.stepgate\/sign-out">Sign out<\/a>/);
      assert.match(text, /None: whoever asked for this page is unknown/);
    });
  }

  it('shows the identity headers as they came and decoded', async () => {
    const text = await (await get('/account', { headers: IDENTITY })).text();
    assert.match(text, /Carol N%E2%80%99Diay%C3%A9/);
    assert.match(text, /<span class="who">Carol N’Diayé<\/span>/);
    assert.match(text, /staff,a%2Cb.*staff, a,b/);
    assert.match(text, /2026-10-05T08:00:00\.000Z/);
  });

  it('shows the claims of an assertion, and of the assertion itself no more than its start', async () => {
    const jwt = `e30.${Buffer.from('{"sub":"carol","aud":"<x>"}').toString('base64url')}.${'s'.repeat(200)}`;
    const text = await (await get('/account', { headers: { 'X-Auth-Assertion': jwt } })).text();
    assert.match(text, /<td>sub: &quot;carol&quot;\naud: &quot;&lt;x&gt;&quot;<\/td>/);
    assert.ok(text.includes(`${jwt.slice(0, 40)}… (${jwt.length} characters)`));
    const broken = await get('/account', { headers: { 'X-Auth-Assertion': 'a.b.c' } });
    assert.match(await broken.text(), /<td>a\.b\.c<\/td>/);
  });

  it('writes what it received as text, never as markup', async () => {
    const headers = { 'X-Auth-Name': '<b onclick=alert(1)>%3Cscript%3E' };
    const text = await (await get('/account', { headers })).text();
    assert.doesNotMatch(text, /<b onclick|<script>/);
    assert.match(text, /&lt;b onclick=alert\(1\)&gt;&lt;script&gt;/);
    assert.doesNotMatch(await (await get('/report?x=%3Cscript%3E&<b>')).text(), /<script>|<b>/);
  });

  it('shows the query as it arrived and what it means', async () => {
    const text = await (await get('/report?year=2026&dept=a%20b')).text();
    assert.match(text, /<code>year=2026&amp;dept=a%20b<\/code>/);
    assert.match(text, /<th scope="row">dept<\/th><td>a b<\/td>/);
  });

  it('says what was approved, and by whom', async () => {
    const body = new URLSearchParams({ note: 'for <October>' });
    const response = await get('/approve/42', { method: 'POST', body, headers: IDENTITY });
    const text = await response.text();
    assert.match(text, /Payment 42 was approved/);
    assert.match(text, /for &lt;October&gt;/);
    assert.match(text, /Approved by<\/th><td>Carol N’Diayé/);
  });

  it('changes the account, and says to what and by whom', async () => {
    const body = new URLSearchParams({ iban: 'DE02 5001 0517 0137 0750 30' });
    const text = await (await get('/bank-account', { method: 'POST', body, headers: IDENTITY })).text();
    assert.match(text, /another account from now on/);
    assert.match(text, /New account<\/th><td>DE02 5001 0517 0137 0750 30/);
    assert.match(text, /Changed by<\/th><td>Carol N’Diayé/);
  });

  it('changes no account where the number is none, and gives back what was typed', async () => {
    for (const iban of ['', '<b>', 'DE02', 'x'.repeat(200)]) {
      const response = await get('/bank-account', { method: 'POST', body: new URLSearchParams({ iban }) });
      assert.equal(response.status, 422);
      const text = await response.text();
      assert.match(text, /role="alert">That is not the number of an account/);
      assert.ok(text.includes(`value="${iban.replace('<b>', '&lt;b&gt;')}"`));
    }
  });

  it('does not understand a form without a note, a foreign body or one that is too large', async () => {
    const bodies = [
      new URLSearchParams(),
      JSON.stringify({ note: 1 }),
      new URLSearchParams({ note: 'x'.repeat(5000) }),
    ];
    for (const body of bodies) assert.equal((await get('/approve/42', { method: 'POST', body })).status, 400);
  });

  it('serves its script, its style and the latest payslip', async () => {
    assert.match((await get('/static/payroll.css')).headers.get('content-type') ?? '', /^text\/css/);
    assert.match((await get('/static/payroll.js')).headers.get('content-type') ?? '', /^text\/javascript/);
    assert.deepEqual(await (await get('/payslips/latest.json')).json(), {
      month: '2026-10',
      currency: 'EUR',
      paid_out: '3812.40',
    });
  });

  it('answers other addresses and methods with 404 and 405', async () => {
    for (const path of ['/nothing', '/payslips/1999-01', '/approve/x']) assert.equal((await get(path)).status, 404);
    for (const path of ['/', '/payslips']) assert.equal((await get(path, { method: 'DELETE' })).status, 405);
  });

  it('stops although lines are open', async () => {
    const other = await startPayroll({ port: 0 });
    const socket = new WebSocket(`${other.url.replace('http', 'ws')}/live`);
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }));
    await other.close();
    await closed;
    await assert.rejects(fetch(other.url));
  });
});
