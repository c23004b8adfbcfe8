import { acceptAt, type Found, type Lint } from './lint.ts';
import type { Pattern } from './pattern-sets.ts';
import type { LintedApp, Whole } from './whole.ts';

/** Whether a pattern tells by how the last segment ends, in folders that it does not name. */
export function isByExtension(pattern: Pattern): boolean {
  const last = pattern.at(-1);
  const ending = last?.kind === 'glob' ? (last.parts.at(-1) ?? '') : '';
  return /^\.\w+$/.test(ending) && pattern.slice(0, -1).some(({ kind }) => kind !== 'literal');
}

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    for (const { rule, inForce, patterns, where } of app.rules) {
      if (!inForce || rule.effect.kind !== 'public') continue;
      const wide = patterns.filter(isByExtension).some((pattern) => reachesProtected(pattern, app));
      if (!wide) continue;
      const message = 'whatever ends like this is public, in protected folders too';
      yield { where, message, hint: 'name the folders that the files are in' };
    }
  }
}

/** Whether it is about the whole app, or reaches into a folder that some rule protects. */
function reachesProtected(pattern: Pattern, { running, enforced }: LintedApp): boolean {
  const named = pattern.findIndex(({ kind }) => kind !== 'literal');
  if (named <= running.mount.length) return true;
  let found = false;
  enforced.overlapping(pattern, ({ rule }) => {
    found ||= rule.effect.kind !== 'public';
    return found;
  });
  return found;
}

export const publicByExtension: Lint = {
  id: 'public-by-extension',
  severity: 'warning',
  summary: 'A public rule tells by the end of the path, in folders that are protected.',
  why: `Many applications ignore what follows the path that they know: \`/account/x.css\` shows the account, and so does
\`/account.css\` in some. A rule that opens \`/**/*.css\` then opens the account, to everybody and to every cache on the way. Style sheets
and pictures lie in folders; those can be named.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: styles, path: "/**/*.css", public: true}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: styles, path: /static/**, public: true}`,
  },
  meant: acceptAt('rule', 'public-by-extension'),
  find,
};
