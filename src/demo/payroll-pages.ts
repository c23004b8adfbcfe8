import { type Html, html } from './html.ts';
import { identityValue, type ReceivedHeader } from './received-identity.ts';

/** What every page shows besides its content. */
export interface Frame {
  readonly path: string;
  readonly headers: readonly ReceivedHeader[];
  /** Further links for the footer, such as the gateway's sign-out: the application itself knows of none. */
  readonly links: readonly FooterLink[];
}

export interface FooterLink {
  readonly href: string;
  readonly text: string;
}

const NAVIGATION: readonly FooterLink[] = [
  { href: '/', text: 'Home' },
  { href: '/account', text: 'Account' },
  { href: '/payslips', text: 'Payslips' },
  { href: '/approve/42', text: 'Approve' },
  { href: '/bank-account', text: 'Bank account' },
  { href: '/report?year=2026&dept=a%20b', text: 'Report' },
];

/** A whole page of the payroll application, as text. */
export function payrollPage(title: string, content: Html, { path, headers, links }: Frame): string {
  const items = NAVIGATION.map(({ href, text }) => {
    const current = isBelow(path, href.split('?')[0] ?? href) ? { markup: ' aria-current="page"' } : null;
    return html`<li><a href="${href}"${current}>${text}</a></li>`;
  });
  const name = identityValue(headers, 'X-Auth-Name');
  const more = links.map(({ href, text }) => html` · <a href="${href}">${text}</a>`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Payroll</title>
<link rel="stylesheet" href="/static/payroll.css">
<script src="/static/payroll.js" defer></script>
</head>
<body>
<header class="bar"><div class="in"><strong>Payroll</strong><nav aria-label="Payroll"><ul>${items}</ul></nav>
<span class="who">${name ?? 'nobody signed in'}</span></div></header>
<main><div class="in"><h1>${title}</h1>
${content}
${headersTable(headers)}
</div></main>
<footer><div class="in">Payroll 2.3, written long before single sign-on. It believes its X-Auth headers.${more}</div></footer>
</body>
</html>
`.markup;
}

function isBelow(path: string, root: string): boolean {
  if (root === '/approve/42') return path.startsWith('/approve/');
  return path === root || (root !== '/' && path.startsWith(`${root}/`));
}

function headersTable(headers: readonly ReceivedHeader[]): Html {
  const rows = headers.map(
    ({ name, raw, decoded }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td class="raw"><code>${shortened(raw)}</code></td><td>${decoded}</td></tr>`,
  );
  if (rows.length === 0) {
    return html`<section class="headers"><h2>Received identity headers</h2><p>None: whoever asked for this page is unknown to the application.</p></section>`;
  }
  return html`<section class="headers"><h2>Received identity headers</h2>
<div class="scroll"><table><thead><tr><th scope="col">Header</th><th scope="col">As received</th><th scope="col">Decoded</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

/** Longer ones tell nobody more. */
const MAX_SHOWN = 80;

const shortened = (raw: string): string =>
  raw.length <= MAX_SHOWN ? raw : `${raw.slice(0, MAX_SHOWN / 2)}… (${raw.length} characters)`;

export function homeContent(): Html {
  return html`<section><p>This is an old application that knows nothing of sign-in. The gateway in front of it decides who gets where.</p>
<ul>
<li>This page is for everyone.</li>
<li><a href="/account">Your account</a> is for whoever is signed in.</li>
<li><a href="/payslips">Payslips</a> want a second factor.</li>
<li><a href="/approve/42">Approving a payment</a> wants a second factor of the last two minutes.</li>
<li><a href="/bank-account">Changing your bank account</a> wants a security key: a passkey, which you register on the way.</li>
<li><a href="/legacy/old">The old part</a> is closed to everybody.</li>
</ul></section>
<section><h2>Latest payslip, by script</h2><p class="soft">A <code>fetch()</code> cannot be sent to a sign-in page: it is told what is missing instead.</p>
<button type="button" id="load">Load latest payslip</button> <span id="step-up"></span><pre id="loaded" aria-live="polite">Not loaded yet.</pre></section>
<section><h2>Live line</h2><p class="soft">A WebSocket. The server says whom it sees and repeats what it hears.</p>
<button type="button" id="connect">Connect</button><pre id="heard" aria-live="polite">Not connected yet.</pre></section>`;
}

export function accountContent(headers: readonly ReceivedHeader[]): Html {
  const rows = (
    [
      ['Name', 'X-Auth-Name'],
      ['E-mail', 'X-Auth-Email'],
      ['Groups', 'X-Auth-Groups'],
    ] as const
  ).map(([label, header]) => row(label, identityValue(headers, header) ?? '–'));
  return html`<section><table><tbody>${rows}</tbody></table></section>`;
}

const MONTHS = ['2026-10', '2026-09', '2026-08'];

export function payslipsContent(): Html {
  const rows = MONTHS.map(
    (month) =>
      html`<tr><th scope="row"><a href="/payslips/${month}">${month}</a></th><td class="number">3,812.40</td></tr>`,
  );
  return html`<section><table><thead><tr><th scope="col">Month</th><th scope="col">Paid out</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

export function payslipContent(month: string): Html {
  const lines = [
    ['Gross salary', '5,200.00'],
    ['Tax', '−1,011.60'],
    ['Insurance', '−376.00'],
    ['Paid out', '3,812.40'],
  ] as const;
  const rows = lines.map(
    ([label, amount]) => html`<tr><th scope="row">${label}</th><td class="number">${amount}</td></tr>`,
  );
  return html`<section><table><caption>${month}</caption><tbody>${rows}</tbody></table></section>
<p><a href="/payslips">All payslips</a></p>`;
}

export function approveContent(id: string): Html {
  return html`<section><p>Payment ${id}: <strong>18,250.00</strong> to Harbour Print Works, for October.</p>
<form method="post" action="/approve/${id}">
<label for="note">Note for the books</label><input id="note" name="note" value="October, as agreed">
<button type="submit">Approve payment ${id}</button></form></section>`;
}

export function approvedContent(id: string, note: string, headers: readonly ReceivedHeader[]): Html {
  const rows = [
    row('Payment', id),
    row('Note', note === '' ? '–' : note),
    row('Approved by', identityValue(headers, 'X-Auth-Name') ?? 'nobody known'),
  ];
  return html`<section><p class="good" role="status">Payment ${id} was approved.</p><table><tbody>${rows}</tbody></table></section>`;
}

/** @param refused - what was typed instead of a number of an account */
export function bankAccountContent(refused: string | null = null): Html {
  const complaint =
    refused === null ? null : html`<p class="bad" role="alert">That is not the number of an account (IBAN).</p>\n`;
  return html`<section><p>Your salary goes to <strong>DE02 1203 0000 0000 2020 51</strong>.</p>
${complaint}<form method="post" action="/bank-account">
<label for="iban">New account number (IBAN)</label><input id="iban" name="iban" autocomplete="off" spellcheck="false" required value="${refused ?? 'DE02 5001 0517 0137 0750 30'}">
<button type="submit">Change account</button></form></section>`;
}

export function accountChangedContent(iban: string, headers: readonly ReceivedHeader[]): Html {
  const rows = [row('New account', iban), row('Changed by', identityValue(headers, 'X-Auth-Name') ?? 'nobody known')];
  return html`<section><p class="good" role="status">Your salary goes to another account from now on.</p><table><tbody>${rows}</tbody></table></section>`;
}

export function reportContent(query: string): Html {
  const rows = [...new URLSearchParams(query)].map(([name, value]) => row(name, value));
  return html`<section><p>The query as it arrived: <code>${query === '' ? '(none)' : query}</code></p>
<table><thead><tr><th scope="col">Parameter</th><th scope="col">Value</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

export function oldContent(): Html {
  return html`<section><p>If you can read this, the gateway let through what nobody should reach.</p></section>`;
}

function row(label: string, value: string): Html {
  return html`<tr><th scope="row">${label}</th><td>${value}</td></tr>`;
}
