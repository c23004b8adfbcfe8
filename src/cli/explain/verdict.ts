import type { Place } from '../../config/source-file.ts';
import type { App } from '../../config/world.ts';
import { type Decision, type DenyWhy, decide, type Question } from '../../core/decide.ts';
import type { Gathered } from '../../core/gather.ts';
import { ERRORS } from '../../errors.ts';
import { placeOfSource } from './demands.ts';
import type { Explanation } from './explanation.ts';
import { decisionText } from './words.ts';

type Verdict = Pick<
  Explanation,
  'decision' | 'public' | 'level' | 'why' | 'status' | 'check' | 'sentence' | 'by' | 'place'
>;

const NOTHING = { public: false, level: null, why: null, status: null, check: null, by: null, place: null };

/** What was decided, and why, in one sentence. */
export function verdictOf(app: App, decision: Decision, found: Gathered): Verdict {
  switch (decision.kind) {
    case 'allow': {
      const open = decision.requirement.demands.length === 0;
      const by = decision.rule?.id ?? app.name;
      return { ...NOTHING, decision: 'allow', public: open, sentence: allowSentence(decision), ...named(app, by) };
    }
    case 'challenge': {
      const { missing, why } = decision;
      const sentence = challengeSentence(app, decision, found);
      return {
        ...NOTHING,
        decision: 'challenge',
        level: missing.level.name,
        why,
        sentence,
        ...named(app, missing.source),
      };
    }
    case 'deny': {
      const { why, by } = decision;
      const refusal = { why, status: ERRORS[why].status, sentence: denySentence(app, decision) };
      return {
        ...NOTHING,
        decision: 'deny',
        ...refusal,
        ...named(app, by),
        ...(by === app.name ? { place: placeOfRefusal(app, why) } : {}),
      };
    }
  }
}

/** An app refuses for the sake of whom it is for, or of what it does not say. */
const placeOfRefusal = ({ places }: App, why: DenyWhy): Place | null => (why === 'forbidden' ? places.only : null);

const named = (app: App, by: string): Pick<Verdict, 'by' | 'place'> => ({ by, place: placeOfSource(app, by) });

function allowSentence({ requirement, standing }: Extract<Decision, { kind: 'allow' }>): string {
  if (requirement.demands.length > 0) return 'Everything that is demanded is proven.';
  return standing === null
    ? 'It is open to everybody, and nobody is told to the application.'
    : 'It is open to everybody, and the application is told who is signed in.';
}

function challengeSentence(app: App, decision: Extract<Decision, { kind: 'challenge' }>, found: Gathered): string {
  const { level } = decision.missing;
  const trip = `the person is sent to the provider "${app.provider}" for "${level.name}"`;
  if (found.unknownPerson) {
    return `It depends on who it is, and nobody is signed in: ${trip}, and judged then.`;
  }
  switch (decision.why) {
    case 'no_session':
      return `Nobody is signed in: ${trip}.`;
    case 'insufficient_level':
      return `No proof that meets the demand was given in this session: ${trip}.`;
    case 'stale_authentication':
      return `A proof was given, but it is too old: ${trip}.`;
    case 'one_time':
      return `Everything is proven, but this very request needs a step-up of its own: ${trip}.`;
  }
}

function denySentence(app: App, { why, by, rule }: Extract<Decision, { kind: 'deny' }>): string {
  switch (why) {
    case 'forbidden': {
      const floor = app.floorList.find((placed) => placed.floor.id === by)?.floor;
      const closes = floor !== undefined || rule?.effect.kind === 'deny' || isDenyRule(app, by);
      return closes
        ? 'It is closed to everybody, whatever they prove.'
        : 'It is only for some, and the condition that says for whom does not hold.';
    }
    case 'unsatisfiable':
      return `Nobody can prove what is demanded to the provider "${app.provider}".`;
    case 'no_rule':
      return 'Neither a rule nor the app says what it takes: what nobody says anything about is denied.';
    default:
      return ERRORS[why].sentence;
  }
}

const isDenyRule = (app: App, by: string): boolean =>
  app.ruleList.some(({ rule }) => rule.id === by && rule.effect.kind === 'deny');

/** What it would be if what is only reported were enforced; null where nothing is. */
export function enforcedOf(app: App, question: Question, { reported }: Decision): string | null {
  if (reported.length === 0) return null;
  return decisionText(decide(app, { ...question, rehearsal: true }));
}
