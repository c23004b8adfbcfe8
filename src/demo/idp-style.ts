import { createHash } from 'node:crypto';

/** The look of the demo's identity provider: deliberately unlike the gateway and the application. */
export const IDP_STYLE = `
:root { color-scheme: light dark; --bg: #eef0fb; --card: #fff; --text: #1c1b2e; --soft: #55536e; --line: #c9cbe3;
  --accent: #4b3fc4; --on-accent: #fff; --note: #f3f1ff; --bad: #a3142b; --bad-bg: #fdecef; }
@media (prefers-color-scheme: dark) { :root { --bg: #15141f; --card: #211f30; --text: #ecebf6; --soft: #b3b0cb; --line: #47445f;
  --accent: #a79dff; --on-accent: #17142e; --note: #2b2842; --bad: #ffb3bd; --bad-bg: #431c25; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--bg); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  display: flex; flex-direction: column; align-items: center; padding: 1rem; }
header { margin: 4vh 0 1rem; display: flex; align-items: center; gap: .6rem; font-weight: 600; }
header svg { width: 1.75rem; height: 1.75rem; fill: none; stroke: var(--accent); stroke-width: 2; flex: none; }
main { width: 100%; max-width: 27rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 .5rem; } h1 + form { margin-top: 1rem; }
p { margin: 0 0 1rem; } .soft { color: var(--soft); }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--soft); border-radius: .4rem;
  padding: .6rem .7rem; margin-bottom: 1rem; min-height: 2.75rem; }
input.code { font-size: 1.25rem; letter-spacing: .2em; }
button { width: 100%; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0;
  border-radius: .4rem; padding: .65rem 1rem; min-height: 2.75rem; cursor: pointer; }
button:disabled { opacity: .6; cursor: progress; } button.quiet { background: none; color: var(--accent); font-weight: 400; text-decoration: underline; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.after { margin: .75rem 0 0; text-align: center; } a { color: var(--accent); }
.after a { display: inline-block; padding: .4rem .8rem; }
.note { background: var(--note); border: 1px dashed var(--line); border-radius: .5rem; padding: .75rem .9rem; margin: 0 0 1.25rem; }
main > .note:last-child { margin: 1.5rem 0 0; }
.note strong.now { display: block; font-size: 1.6rem; letter-spacing: .1em; line-height: 1.4; font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); background: var(--bad-bg); border-radius: .5rem; padding: .6rem .9rem; margin: 0 0 1rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; margin-top: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem .3rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; } th { font-weight: 400; }
@media (max-width: 24rem) { main { padding: 1rem; } .note { padding: .75rem; } table { font-size: .8rem; } }
code { font: .95em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
table code { font: inherit; overflow-wrap: normal; }
`;

/** For the Content-Security-Policy: this style and no other. */
export const IDP_STYLE_HASH = `'sha256-${createHash('sha256').update(IDP_STYLE).digest('base64')}'`;
