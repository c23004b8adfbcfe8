import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readForm } from './form.ts';
import { type Html, html } from './html.ts';
import { listen, stop } from './listen.ts';
import { PAYROLL_CSS, PAYROLL_JS } from './payroll-assets.ts';
import {
  accountChangedContent,
  accountContent,
  approveContent,
  approvedContent,
  bankAccountContent,
  type FooterLink,
  homeContent,
  oldContent,
  payrollPage,
  payslipContent,
  payslipsContent,
  reportContent,
} from './payroll-pages.ts';
import { identityValue, receivedIdentity } from './received-identity.ts';
import { type Line, serveWebSocket } from './websocket.ts';

export interface PayrollOptions {
  /** 0 = any free one. */
  readonly port: number;
  /** Where to listen; 127.0.0.1 unless given: whoever reaches it directly is believed whatever they say they are. */
  readonly host?: string;
  /** Further links for the footer, such as the gateway's sign-out. */
  readonly links?: readonly FooterLink[];
}

/**
 * Starts the application that the demo protects: one that knows nothing of sign-in, shows the identity headers it
 * received, and checks nothing.
 */
export async function startPayroll(options: PayrollOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { port, host = '127.0.0.1', links = [] } = options;
  const lines = new Set<Duplex>();
  const server = createServer((request, response) => {
    respond(request, response, links).catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    lines.add(socket);
    socket.once('close', () => lines.delete(socket));
    if (pathOf(request) === '/live') serveWebSocket(request, socket, head, greet);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const url = `http://${host}:${await listen(server, port, host)}`;
  const close = async (): Promise<void> => {
    // An upgraded connection is no longer the server's to close.
    for (const socket of lines) socket.destroy();
    await stop(server);
  };
  return { url, close };
}

/** The live line: says whom it sees, then repeats what it hears. */
function greet(line: Line, request: IncomingMessage): (text: string) => void {
  const headers = receivedIdentity(request);
  const name = identityValue(headers, 'X-Auth-Name') ?? identityValue(headers, 'X-Auth-Subject') ?? 'nobody';
  line.send(`You are ${name}, level ${identityValue(headers, 'X-Auth-Level') ?? 'none'}.`);
  return (text) => line.send(`You said: ${text}`);
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  links: readonly FooterLink[],
): Promise<void> {
  const path = pathOf(request);
  const headers = receivedIdentity(request);
  const show = (status: number, title: string, content: Html): void => {
    const page = payrollPage(title, content, { path, headers, links });
    send(response, status, 'text/html; charset=utf-8', page, 'no-store');
  };
  const [, approval] = /^\/approve\/([0-9]{1,6})$/.exec(path) ?? [];
  if (approval !== undefined && request.method === 'POST') {
    const note = (await readForm(request))?.get('note') ?? null;
    if (note === null) return show(400, 'Not understood', html`<p>The form did not arrive whole.</p>`);
    return show(200, 'Approved', approvedContent(approval, note, headers));
  }
  if (path === '/bank-account' && request.method === 'POST') {
    const iban = (await readForm(request))?.get('iban')?.trim() ?? '';
    if (!IBAN.test(iban)) return show(422, 'Your bank account', bankAccountContent(iban));
    return show(200, 'Your bank account', accountChangedContent(iban, headers));
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return show(405, 'Not possible', html`<p>This address is only for reading.</p>`);
  }
  const asset = ASSETS.get(path);
  if (asset !== undefined) return send(response, 200, asset.type, asset.body, asset.cache);
  if (approval !== undefined) return show(200, `Payment ${approval}`, approveContent(approval));
  const page = pageAt(path, request);
  if (page === null) return show(404, 'Not found', html`<p>There is nothing under this address.</p>`);
  return show(200, page.title, page.content);
}

/** ISO 13616, roughly: the country, two digits, then up to thirty letters and digits, in groups or not. */
const IBAN = /^[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){10,30}$/i;

function pageAt(path: string, request: IncomingMessage): { readonly title: string; readonly content: Html } | null {
  const [, month] = /^\/payslips\/(2026-(?:08|09|10))$/.exec(path) ?? [];
  if (month !== undefined) return { title: `Payslip ${month}`, content: payslipContent(month) };
  if (path === '/') return { title: 'Welcome', content: homeContent() };
  if (path === '/account') return { title: 'Your account', content: accountContent(receivedIdentity(request)) };
  if (path === '/payslips') return { title: 'Your payslips', content: payslipsContent() };
  if (path === '/bank-account') return { title: 'Your bank account', content: bankAccountContent() };
  if (path === '/report') return { title: 'Report', content: reportContent(queryOf(request)) };
  if (path === '/legacy/old') return { title: 'The old part', content: oldContent() };
  return null;
}

const LATEST = JSON.stringify({ month: '2026-10', currency: 'EUR', paid_out: '3812.40' });
const CACHE = 'max-age=60';

const ASSETS: ReadonlyMap<string, { readonly type: string; readonly body: string; readonly cache: string }> = new Map([
  ['/static/payroll.css', { type: 'text/css; charset=utf-8', body: PAYROLL_CSS, cache: CACHE }],
  ['/static/payroll.js', { type: 'text/javascript; charset=utf-8', body: PAYROLL_JS, cache: CACHE }],
  ['/payslips/latest.json', { type: 'application/json', body: LATEST, cache: 'no-store' }],
]);

function send(response: ServerResponse, status: number, type: string, body: string, cache: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': cache,
    'Content-Security-Policy': "default-src 'self'",
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function queryOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?').slice(1).join('?');
}
