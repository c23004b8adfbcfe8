import { below } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { covers, type Pattern } from './pattern-sets.ts';
import type { Whole } from './whole.ts';

function* find({ apps }: Whole): Iterable<Found> {
  for (const { rules, running } of apps) {
    const everything: Pattern = [
      ...running.mount.map((text) => ({ kind: 'literal', text }) as const),
      { kind: 'rest' },
    ];
    for (const { rule, patterns, where } of rules) {
      if (!rule.oneTime || !patterns.some((pattern) => covers(pattern, everything))) continue;
      const message = 'every request of this app that writes would need a step-up of its own, those behind a page too';
      yield { where: below(where, 'one_time'), message, hint: 'name the path of what is approved' };
    }
  }
}

export const oneTimeOnPages: Lint = {
  id: 'one-time-on-pages',
  severity: 'warning',
  summary: 'Every request of an app that writes needs a step-up of its own.',
  why: `\`one_time\` is for the one request that approves or pays. Pages write in the background as well, for drafts, searches and statistics:
each of those would send the person to the provider, and whoever is asked at every turn reads no question any more.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: approve, methods: write, require: mfa, one_time: true}`,
  },
  right: {
    policies: `apps:
  wiki:
    rules:
      - {id: approve, path: /runs/*/approve, methods: write, require: mfa, one_time: true}`,
  },
  meant: acceptAt('rule', 'one-time-on-pages'),
  find,
};
