import { below } from '../source-file.ts';
import { type Names, readingsOf } from './conditions.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import { hasMethod, WRITES } from './method-sets.ts';
import { outcomeBelow, outcomeOf, underFloors, weaker } from './strength.ts';
import type { LintedApp, LintedRule, Whole } from './whole.ts';

const HINT = 'decide by what the sender cannot choose: who is signed in, or the network they come from';

function* find({ apps, floors, trustsEveryone }: Whole): Iterable<Found> {
  for (const app of apps) {
    const choosable = (text: string): string | null => firstChoosable(text, app.conditions, trustsEveryone, false);
    const only = app.policy.only === null ? null : choosable(app.policy.only.text);
    if (only !== null)
      yield { where: below(app.where, 'only'), message: sentence(only, 'lets whoever sends it in'), hint: HINT };
    for (const one of app.rules) {
      const { rule, where, inForce } = one;
      const when = rule.when === null ? null : choosable(rule.when.text);
      if (inForce && when !== null && isLenient(app, one)) {
        yield { where: below(where, 'when'), message: sentence(when, 'makes this path ask for less'), hint: HINT };
      }
      const mayAtAll = rule.only === null ? null : choosable(rule.only.text);
      if (inForce && mayAtAll !== null) {
        yield { where: below(where, 'only'), message: sentence(mayAtAll, 'lets whoever sends it in'), hint: HINT };
      }
    }
  }
  const names: Names = apps.find(({ policy }) => policy.file === null)?.conditions ?? new Map();
  for (const { where, laid } of floors) {
    const [first] = laid;
    if (!first?.inForce || first.floor.when === null) continue;
    const name = firstChoosable(first.floor.when.text, names, trustsEveryone, true);
    if (name !== null) yield { where: below(where, 'when'), message: sentence(name, 'lifts this floor'), hint: HINT };
  }
}

const sentence = (name: string, effect: string): string => `${name} is whatever the sender writes, and ${effect}`;

/** What a condition reads that whoever sends a request can choose at will. */
function firstChoosable(text: string, names: Names, trustsEveryone: boolean, negatedOnly: boolean): string | null {
  const chosen = readingsOf(text, names).find(({ name, negated }) => {
    if (negatedOnly && !negated) return false;
    if (name === 'client.user_agent' || /^request\.(?:headers|query)\b/.test(name)) return true;
    return trustsEveryone && (name === 'client.ip' || name.startsWith('network.'));
  });
  return chosen?.name ?? null;
}

/** Whether the rule asks for less than what decides without it. */
function isLenient(app: LintedApp, one: LintedRule): boolean {
  const method = ['GET', ...WRITES].find((word) => hasMethod(one.rule.methods, word)) ?? 'GET';
  return one.patterns.some((pattern) => {
    const mine = underFloors(app, pattern, method, outcomeOf(app, one.rule));
    const theirs = outcomeBelow(app, pattern, method, one);
    return theirs !== null && weaker(mine, theirs);
  });
}

export const spoofableLeniency: Lint = {
  id: 'spoofable-leniency',
  severity: 'warning',
  summary: 'Access is easier where something is true that the sender of a request can make true.',
  why: `Headers, the query and the name of the browser are written by whoever sends the request, and so is the address where every peer is believed
as a proxy (\`trusts-everyone\`). To be stricter for some of them stops honest clients; to be more lenient for them lets everybody in who has
read this file or guessed it.`,
  wrong: {
    policies: `apps:
  wiki:
    rules:
      - {id: monitor, path: /status/**, when: 'request.headers["x-monitor"] == "yes"', public: true}`,
  },
  right: {
    policies: `networks:
  monitoring: [192.0.2.16/28]
apps:
  wiki:
    rules:
      - {id: monitor, path: /status/**, when: network.monitoring, public: true}`,
  },
  meant: acceptAt('rule or floor', 'spoofable-leniency'),
  find,
};
