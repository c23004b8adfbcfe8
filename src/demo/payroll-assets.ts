/** `/static/payroll.css`. */
export const PAYROLL_CSS = `:root { color-scheme: light dark; --bg: #f4f6f3; --card: #fff; --text: #1d2620; --soft: #56645b; --line: #cdd6cf;
  --accent: #0b6b46; --on-accent: #fff; --bar: #0b4a33; --on-bar: #fff; --good: #dff3e7; --bad: #a3142b; }
@media (prefers-color-scheme: dark) { :root { --bg: #131815; --card: #1c2420; --text: #e6eee8; --soft: #a9b8ae; --line: #3b4840;
  --accent: #6fd8a8; --on-accent: #07251a; --bar: #0c2e21; --on-bar: #e6f5ec; --good: #17402d; --bad: #ffb3bd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 1rem/1.5 "Segoe UI", system-ui, "DejaVu Sans", sans-serif;
  min-height: 100vh; display: flex; flex-direction: column; }
.bar { background: var(--bar); color: var(--on-bar); }
.bar .in { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding: .75rem 1rem; }
.in { width: 100%; max-width: 60rem; margin: 0 auto; padding: 1rem; }
.bar strong { font-size: 1.1rem; } .bar .who { margin-left: auto; overflow-wrap: anywhere; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem; margin: 0; padding: 0; }
nav a { color: inherit; display: block; padding: .35rem .6rem; border-radius: .3rem; }
nav a[aria-current] { background: var(--on-bar); color: var(--bar); text-decoration: none; }
main { flex: 1; } h1 { font-size: 1.6rem; line-height: 1.2; margin: 1rem 0 .75rem; } h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
p { margin: 0 0 .75rem; } section > :last-child { margin-bottom: 0; } .soft { color: var(--soft); } a { color: var(--accent); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid var(--line); }
td { overflow-wrap: anywhere; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
th[scope=row] { font-weight: 400; } .headers th { white-space: nowrap; } .headers td + td { white-space: pre-wrap; }
code, pre { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; } td code { overflow-wrap: anywhere; }
pre { background: var(--bg); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; margin: .75rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: .35rem;
  padding: .55rem 1rem; min-height: 2.75rem; cursor: pointer; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--soft); border-radius: .35rem; padding: .5rem .6rem;
  width: 100%; max-width: 28rem; margin-bottom: .75rem; min-height: 2.75rem; display: block; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.good { background: var(--good); border-radius: .4rem; padding: .75rem; }
.bad { color: var(--bad); font-weight: 600; }
.headers { border-style: dashed; } footer { color: var(--soft); border-top: 1px solid var(--line); font-size: .9rem; }
@media (max-width: 34rem) { .headers table, .headers tbody, .headers tr, .headers th, .headers td { display: block; }
  .headers thead { display: none; } .headers th, .headers td { border: 0; padding: 0; } .headers tr { border-top: 1px solid var(--line); padding: .4rem 0; }
  .headers td.raw { color: var(--soft); } .bar .who { margin-left: 0; width: 100%; } }
`;

/** `/static/payroll.js`. Writes text, never markup. */
export const PAYROLL_JS = `'use strict';
const byId = (id) => document.getElementById(id);

byId('load')?.addEventListener('click', async () => {
  const out = byId('loaded');
  const after = byId('step-up');
  after.replaceChildren();
  out.textContent = 'Loading…';
  try {
    const response = await fetch('/payslips/latest.json', { headers: { Accept: 'application/json' } });
    const body = await response.text();
    out.textContent = 'Status ' + response.status + '\\n' + body;
    if (response.status === 401) offerStepUp(body, after);
  } catch (error) {
    out.textContent = 'No answer: ' + error.message;
  }
});

function offerStepUp(body, after) {
  let address;
  try { address = new URL(JSON.parse(body).step_up_url); } catch { return; }
  if (address.protocol !== 'https:' && address.protocol !== 'http:') return;
  const link = document.createElement('a');
  link.href = address.href;
  link.textContent = 'Confirm that it is you, then come back here';
  after.replaceChildren(link);
}

let line;
byId('connect')?.addEventListener('click', () => {
  line?.close();
  const out = byId('heard');
  const say = (text) => { out.textContent += text + '\\n'; };
  out.textContent = '';
  line = new WebSocket(location.origin.replace(/^http/, 'ws') + '/live');
  line.addEventListener('open', () => { say('connected'); line.send('hello'); });
  line.addEventListener('message', (event) => say(event.data));
  line.addEventListener('close', (event) => say('closed (' + event.code + ')'));
});
`;
