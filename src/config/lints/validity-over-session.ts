import { formatDuration } from '../durations.ts';
import { below, lengthAt, top, valueAt } from '../source-file.ts';
import { type Found, type Lint, NOT_ACCEPTED } from './lint.ts';
import type { Whole } from './whole.ts';

function* find({ policies, ladder, lifetime }: Whole): Iterable<Found> {
  const list = below(top(policies), 'levels');
  for (let i = 0; i < lengthAt(list); i++) {
    const level = ladder.named.get(String(valueAt(below(list, i, 'name'))));
    if (level === undefined || level.validity <= lifetime) continue;
    const message = `a session ends after ${formatDuration(lifetime)}, and with it every proof`;
    yield {
      where: below(list, i, 'validity'),
      message,
      hint: 'make it shorter, or session.lifetime in gateway.yaml longer',
    };
  }
}

export const validityOverSession: Lint = {
  id: 'validity-over-session',
  severity: 'warning',
  summary: 'A level is valid for longer than any session lives.',
  why: `Proofs are kept in the session, and end with it. Whoever reads the file takes it that people are asked once in the time that is
written, and they are asked more often: by \`session.lifetime\` in gateway.yaml.`,
  wrong: {
    policies: `levels:
  - {name: password, validity: 7d}
  - {name: mfa, validity: 1h}
  - {name: passkey, validity: 15m}`,
  },
  right: {
    policies: `levels:
  - {name: password, validity: 12h}
  - {name: mfa, validity: 1h}
  - {name: passkey, validity: 15m}`,
  },
  meant: NOT_ACCEPTED,
  find,
};
