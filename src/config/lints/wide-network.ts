import { below, keysAt, lengthAt, top, valueAt } from '../source-file.ts';
import { type Found, type Lint, NOT_ACCEPTED } from './lint.ts';
import type { Whole } from './whole.ts';

function* find({ policies }: Whole): Iterable<Found> {
  const all = below(top(policies), 'networks');
  for (const name of keysAt(all)) {
    const place = below(all, name);
    const list = Array.isArray(valueAt(place)) ? place : below(place, 'ranges');
    for (let i = 0; i < lengthAt(list); i++) {
      if (!/\/0*0$/.test(String(valueAt(below(list, i))))) continue;
      const message = `every address there is lies in network.${name}`;
      yield { where: below(list, i), message, hint: 'write the ranges that are yours' };
    }
  }
}

export const wideNetwork: Lint = {
  id: 'wide-network',
  severity: 'warning',
  summary: 'A network is the whole internet.',
  why: `A range that ends with \`/0\` has every address in it, so whatever is easier from that network is easier from everywhere. Mostly it was
put there for a trial.`,
  wrong: {
    policies: `networks:
  office: [192.0.2.0/24, 0.0.0.0/0]`,
  },
  right: {
    policies: `networks:
  office: [192.0.2.0/24]`,
  },
  meant: NOT_ACCEPTED,
  find,
};
