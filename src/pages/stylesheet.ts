/**
 * The one stylesheet of all pages. Inline, and named in the Content-Security-Policy by its hash; no fonts, no images,
 * nothing from anywhere else. Without it the pages stay readable.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f3f5f8; --card: #ffffff; --line: #d5dbe3; --text: #18202b; --quiet: #4a5666;
  --accent: #1a56b0; --accent-strong: #133f83; --on-accent: #ffffff; --tint: #e8effa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10141a; --card: #191f27; --line: #364150; --text: #e8ecf1; --quiet: #aab5c3;
    --accent: #8fbaff; --accent-strong: #b5d1ff; --on-accent: #0b1930; --tint: #20304a;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; min-height: 100svh;
  padding: clamp(1rem, 8vh, 6rem) clamp(.75rem, 4vw, 2rem) 1.5rem;
  display: flex; flex-direction: column; align-items: center; gap: 1.25rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 35rem; padding: clamp(1.25rem, 5vw, 2.5rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / .05), 0 12px 32px -16px rgb(0 0 0 / .18);
}
.icon {
  display: flex; align-items: center; justify-content: center; width: 3rem; height: 3rem; margin-bottom: 1.25rem;
  border-radius: 50%; background: var(--tint); color: var(--accent);
}
.icon svg { width: 1.625rem; height: 1.625rem; }
h1 {
  margin: 0 0 .75rem; font-size: clamp(1.375rem, 1.2rem + 1vw, 1.75rem); line-height: 1.25; font-weight: 650;
  letter-spacing: -.01em; text-wrap: pretty;
}
p { margin: 0 0 1rem; text-wrap: pretty; }
main > :last-child { margin-bottom: 0; }
.needed {
  margin: 1.25rem 0; padding: .875rem 1.125rem; background: var(--tint);
  border: 1px solid transparent; border-inline-start: 4px solid var(--accent);
  border-start-end-radius: .5rem; border-end-end-radius: .5rem;
}
.needed p { margin: 0; }
.needed p + p { margin-top: .5rem; }
.needed .what { font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.75rem 0 0; }
.actions form { display: contents; }
.button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.875rem; padding: .5rem 1.25rem;
  background: var(--accent); color: var(--on-accent); border: 2px solid var(--accent); border-radius: .625rem;
  font: inherit; font-weight: 600; line-height: 1.3; text-align: center; text-decoration: none; cursor: pointer;
}
.button:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
.button.second { background: transparent; color: var(--accent); border-color: var(--line); }
.button.second:hover { border-color: currentColor; color: var(--accent-strong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .25rem; }
.button:focus-visible { border-radius: .625rem; }
.hint { margin-top: 1.25rem; color: var(--quiet); font-size: .9375rem; }
footer { width: 100%; max-width: 35rem; padding: 0 clamp(1.25rem, 5vw, 2.5rem); color: var(--quiet); font-size: .8125rem; }
footer p { margin: 0 0 .25rem; }
footer dl { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 0; }
footer dl div { display: flex; flex-wrap: wrap; gap: 0 .375rem; }
footer dt::after { content: ":"; }
footer dd { margin: 0; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; user-select: all; }
.compact { padding: .5rem; font-size: .9375rem; line-height: 1.45; }
.compact main { padding: .875rem 1rem; box-shadow: none; }
.compact .needed { margin: 1rem 0 0; padding: .5rem .75rem; }
.compact .icon { display: none; }
.compact h1 { font-size: 1.0625rem; margin-bottom: .5rem; }
.compact .actions { margin-top: .75rem; }
@media (max-width: 26rem) { .actions .button { width: 100%; } }
@media (prefers-reduced-motion: no-preference) {
  .button { transition: background-color .12s, border-color .12s, color .12s; }
}
@media (prefers-contrast: more) {
  :root { --line: currentColor; --quiet: var(--text); }
}
@media (forced-colors: active) {
  .button { border-color: ButtonText; }
  .icon { border: 1px solid CanvasText; color: CanvasText; }
  :focus-visible { outline-color: Highlight; }
}
@media print {
  :root { --ground: #fff; --card: #fff; --text: #000; --quiet: #000; --tint: #fff; --accent: #000; --line: #999; }
  body { padding: 0; }
  main { border: 0; box-shadow: none; padding: 0; }
  footer { padding: 0; }
  .icon, .actions { display: none; }
}
`;
