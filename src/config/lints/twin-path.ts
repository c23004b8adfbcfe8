import { acceptAt, type Found, type Lint } from './lint.ts';
import { methodsOverlap } from './method-sets.ts';
import type { Pattern } from './pattern-sets.ts';
import { outcomeOf, weaker } from './strength.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

/** What two spellings of one path have in common for an application that is not strict about them. */
const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[. ]+$/, '')
    .replace(/[ _]/g, '-');

function textOf(pattern: Pattern, spell: (text: string) => string): string {
  // What is below a folder goes with the folder.
  const stem = pattern.at(-1)?.kind === 'rest' ? pattern.slice(0, -1) : pattern;
  const pieces = stem.map((piece) => {
    if (piece.kind === 'literal') return spell(piece.text);
    return piece.kind === 'glob' ? piece.parts.map(spell).join('*') : piece.kind === 'any' ? '*' : '**';
  });
  return pieces.join('/');
}

interface Spelling {
  readonly one: LintedRule;
  readonly text: string;
}

function* find({ apps }: Whole): Iterable<Found> {
  for (const app of apps) {
    const bySpelling = new Map<string, Spelling>();
    for (const one of app.rules) {
      if (!one.inForce) continue;
      for (const pattern of one.patterns) {
        const text = textOf(pattern, (written) => written);
        const key = textOf(pattern, folded);
        const twin = bySpelling.get(key);
        if (twin === undefined) bySpelling.set(key, { one, text });
        else if (twin.text !== text && differ(app, twin.one, one)) {
          const message = `"/${text}" and "/${twin.text}" of "${twin.one.rule.id}" are one path to many applications, and ask for different things`;
          const hint =
            'list both paths in one rule; for an upstream that folds case say paths: {windows: true} in gateway.yaml';
          yield { where: one.where, message, hint };
          break;
        }
      }
    }
  }
}

function differ(app: LintedApp, one: LintedRule, other: LintedRule): boolean {
  if (one === other || !methodsOverlap(one.rule.methods, other.rule.methods)) return false;
  const [mine, theirs] = [outcomeOf(app, one.rule), outcomeOf(app, other.rule)];
  return weaker(mine, theirs) || weaker(theirs, mine);
}

export const twinPath: Lint = {
  id: 'twin-path',
  severity: 'warning',
  summary: 'Two rules that ask for different things differ only in how one path is spelt.',
  why: `Patterns are compared letter by letter. An application that takes \`/Admin\` and \`/admin\` for one page, as those on Windows and
many routers do, serves it under the weaker of the two rules to whoever writes it that way. The same goes for trailing dots, and for letters
that look and read alike.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: console, path: /Admin/**, require: mfa}
      - {id: notes, path: /admin/**, require: password}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: console, path: [/Admin/**, /admin/**], require: mfa}`,
  },
  meant: acceptAt('later of the two rules', 'twin-path'),
  find,
};
