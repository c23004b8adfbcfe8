import { type Call, callsIn, literal } from './conditions.ts';
import { type Found, type Lint, NOT_ACCEPTED } from './lint.ts';
import { conditionsOf } from './places.ts';
import type { Whole } from './whole.ts';

function* find(whole: Whole): Iterable<Found> {
  for (const { where, text, names } of conditionsOf(whole)) {
    for (const call of callsIn(text, names)) {
      if (call.target !== 'user.email') continue;
      const message = looseness(call);
      if (message === null) continue;
      yield {
        where,
        message,
        hint: 'compare the end of the address, with the @: user.email.endsWith("@corp.example")',
      };
      break;
    }
  }
}

/** Who else is let in by such a comparison; null where it is a tight one. */
function looseness({ name, parameters: [first] }: Call): string | null {
  const text = first && literal(first);
  if (typeof text !== 'string') return null;
  if (name === 'endsWith' && !text.includes('@')) {
    return `addresses of other domains end with "${text}" too: x@another${text.replace(/^[.]?/, '')}`;
  }
  if (name === 'contains' && text.includes('.')) return `any address that has "${text}" somewhere in it fits`;
  if (name === 'matches' && text.includes('@') && !text.endsWith('$')) {
    return 'the pattern does not say where the address ends: more may follow';
  }
  return null;
}

export const looseEmail: Lint = {
  id: 'loose-email',
  severity: 'warning',
  summary: 'A condition takes addresses of other domains for those of one.',
  why: `\`user.email.endsWith("corp.example")\` is true of \`mallory@evilcorp.example\`, and \`contains("@corp.example")\` of
\`mallory@corp.example.evil.test\`. Domains are for sale. A comparison with the end, from the \`@\` on, is true of that domain alone.`,
  wrong: {
    policies: `apps:
  wiki:
    only: user.email.endsWith("corp.example")`,
  },
  right: {
    policies: `apps:
  wiki:
    only: user.email.endsWith("@corp.example")`,
  },
  meant: NOT_ACCEPTED,
  find,
};
