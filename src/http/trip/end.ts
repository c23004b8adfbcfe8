import type { HostEntry } from '../../config/world.ts';
import type { Session } from '../../core/session.ts';
import type { Trip } from '../../core/step-up.ts';
import type { Seconds } from '../../core/time.ts';
import type { StepUpFailure } from '../../errors.ts';
import type { OwnCookies } from '../../sessions/cookies.ts';
import type { Flow } from '../../sessions/flow-codec.ts';
import type { Passage } from '../answer.ts';
import { levelNeeded } from '../challenge.ts';
import type { Answer } from '../context.ts';
import { OWN_ROUTES } from '../own-routes.ts';
import { refusalPage } from '../refusals.ts';
import { countFailure, type Someone } from './attempts.ts';
import { demandWords } from './demands.ts';

/** Characters of an acr in the log: what comes over the wire may be longer than anything worth reading. */
const LONGEST_ACR = 128;

/** One return from a provider, with everything that its judgement needs. */
export interface Return extends Passage {
  readonly host: HostEntry;
  readonly cookies: OwnCookies;
  /** Cookies to clear whatever comes of it. */
  readonly spent: readonly string[];
}

export interface Ending {
  readonly asked?: Trip['asked'];
  /** Name of the provider, where no flow says so. */
  readonly provider?: string;
  readonly session?: Session | null;
  /** Who the trip was of, where neither the session nor the flow says so. */
  readonly person?: Someone | null;
  readonly otherSubject?: string | undefined;
  readonly acr?: string | null;
  /** The claim that is too large: its name. */
  readonly claim?: string;
  /** When another try may succeed. */
  readonly retryAfter?: Seconds | null;
}

/** Ends a trip on a page, with its one word in the audit; what the ledger could not record is no failure of the trip. */
export async function endTrip(
  back: Return,
  flow: Flow | null,
  failure: StepUpFailure | 'ledger_unavailable',
  detail: string,
  ending: Ending = {},
): Promise<Answer> {
  const { arrival, requestId, spent, context, current, now } = back;
  const { asked, claim = null, retryAfter = null } = ending;
  if (failure !== 'ledger_unavailable') {
    recordFailure(back, flow, failure, detail, ending);
    await countFailure(context.ledger, current.world, whose(back, flow, ending), failure, now);
  }
  const actions = [
    ...tryAgain(flow),
    ...(failure === 'subject_mismatch' ? [{ label: 'Sign out', href: OWN_ROUTES.signOut }] : []),
  ];
  const level = asked === undefined ? null : levelNeeded(asked, arrival);
  return refusalPage(failure, { requestId, actions, level, claim, cookies: spent, retryAfter });
}

function recordFailure(back: Return, flow: Flow | null, failure: StepUpFailure, detail: string, ending: Ending): void {
  const { context, arrival, requestId } = back;
  const { asked, provider, session, otherSubject, acr } = ending;
  context.audit.record({
    event: 'step_up_failed',
    failure,
    detail: acr === undefined || acr === null ? detail : `${detail} acr=${JSON.stringify(acr.slice(0, LONGEST_ACR))}`,
    app: flow?.app,
    provider: flow?.provider ?? provider,
    requirement: asked === undefined ? undefined : demandWords([asked]),
    issuer: session?.issuer,
    subject: session?.subject,
    otherSubject,
    family: session?.family ?? flow?.family ?? undefined,
    requestId,
    clientIp: arrival.clientIp,
    flow: flow?.id,
  });
}

/** Whose attempt it was: of the session, of whoever the flow was made for, of whoever came back. */
function whose({ current }: Return, flow: Flow | null, { session, person }: Ending): Someone | null {
  if (session) return session;
  const issuer = flow === null ? undefined : (current.providers.get(flow.provider)?.issuer() ?? undefined);
  if (flow !== null && flow.subject !== null && issuer !== undefined) return { issuer, subject: flow.subject };
  return person ?? null;
}

const tryAgain = (flow: Pick<Flow, 'returnTo'> | null) => [
  flow === null ? { label: 'Go to the front page', href: '/' } : { label: 'Try again', href: flow.returnTo },
  ...(flow === null || flow.returnTo === '/' ? [] : [{ label: 'Go to the front page', href: '/' }]),
];
