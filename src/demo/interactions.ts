import type { IncomingMessage, ServerResponse } from 'node:http';
import { ACR_MFA, AMR_OF, askedAcr } from './acr.ts';
import { countAttempts } from './attempts.ts';
import type { EngineProvider, Interaction, InteractionResult } from './engine.ts';
import { readForm } from './form.ts';
import { brokenPage, secondFactorPage, signInPage } from './idp-pages.ts';
import { type DemoPerson, personNamed, personWithPassword } from './people.ts';
import { demandsPassword } from './prompting.ts';
import { nextStep, type Step } from './step.ts';
import { isTotpCode, totpCode } from './totp.ts';

export interface InteractionSetting {
  readonly provider: EngineProvider;
  readonly people: readonly DemoPerson[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Sends a page of ours. */
  readonly show: (response: ServerResponse, status: number, page: string) => void;
}

/** One request to the pages between an authorization request and its answer. */
interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly interaction: Interaction;
  readonly step: Step;
}

const PATH = /^\/interaction\/([\w-]+)(?:\/(password|code|cancel))?$/;

/** Status of a page whose form was filled in wrongly. */
const WRONG = 422;

/**
 * Serves `/interaction/…`: the sign-in page, the second factor, cancelling. Which of them comes next is
 * {@link nextStep}'s to say; nothing is believed of the browser but its answers.
 */
export function serveInteractions(setting: InteractionSetting) {
  const { provider, people, show } = setting;
  const attempts = countAttempts();
  const verbs = { password: enterPassword, code: enterCode };

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const [, uid, verb] = PATH.exec(path) ?? [];
    const interaction = await provider.interactionDetails(request, response).catch(() => null);
    if (uid === undefined || interaction === null || interaction.uid !== uid) return void expired(response);
    const visit = { request, response, interaction, step: stepOf(interaction, people) };
    if (request.method === 'POST' && (verb === 'password' || verb === 'code')) return verbs[verb](visit);
    if (request.method !== 'GET') return void show(response, 405, brokenPage('Not possible', 'Go back and try again.'));
    if (verb === 'cancel') return giveUp(visit, 'access_denied', 'the person cancelled');
    return proceed(visit);
  };

  function expired(response: ServerResponse): void {
    const sentence = 'Go back to the application and open the page you wanted again.';
    show(response, 400, brokenPage('This sign-in has expired', sentence));
  }

  /** Shows the page of the next step, or ends the trip. */
  async function proceed(visit: Visit, error: string | null = null, typed = ''): Promise<void> {
    const { response, interaction, step } = visit;
    const base = `/interaction/${interaction.uid}`;
    const status = error === null ? 200 : WRONG;
    if (step.kind === 'unmet') return giveUp(visit, 'unmet_authentication_requirements', 'the person cannot do this');
    if (step.kind === 'done') return finish(visit, step.person, step.acr);
    if (step.kind === 'password') {
      const username = typed === '' ? hintedUsername(interaction) : typed;
      return show(response, status, signInPage({ base, people, username, error }));
    }
    const { person } = step;
    if (person.totpSecret === null || attempts.blocked(person.username, setting.now())) {
      return giveUp(visit, 'access_denied', 'too many wrong codes');
    }
    const code = totpCode(person.totpSecret, setting.now());
    return show(response, status, secondFactorPage({ base, person, code, error }));
  }

  async function enterPassword(visit: Visit): Promise<void> {
    if (visit.step.kind !== 'password') return proceed(visit);
    const form = await readForm(visit.request);
    const username = form?.get('username') ?? '';
    const person = personWithPassword(people, username, form?.get('password') ?? '');
    if (person === null)
      return proceed(visit, 'That username and password do not belong together. Try again.', username);
    const result = { entered: { accountId: person.username } };
    await answer(visit, result);
    return proceed({ ...visit, step: stepOf({ ...visit.interaction, result }, people) });
  }

  async function enterCode(visit: Visit): Promise<void> {
    const { step } = visit;
    if (step.kind !== 'second_factor' || step.person.totpSecret === null) return proceed(visit);
    const { username, totpSecret } = step.person;
    if (attempts.blocked(username, setting.now())) return proceed(visit);
    const form = await readForm(visit.request);
    if (!isTotpCode(totpSecret, form?.get('code') ?? '', setting.now())) {
      attempts.failed(username, setting.now());
      return proceed(visit, 'That code is not right. Type the six digits that are shown now.');
    }
    attempts.succeeded(username);
    return finish(visit, step.person, ACR_MFA);
  }

  /**
   * Ends the trip well. The engine takes the time of now as `auth_time`, after a second factor alone too: OpenID
   * Connect Core 2 calls it the time when the authentication occurred, and the authentication that `acr` and `amr`
   * speak of was complete only now. Were it left at the password's time, whoever confirmed a second ago would arrive
   * with a proof of hours ago and be sent here again.
   */
  async function finish(visit: Visit, person: DemoPerson, acr: string): Promise<void> {
    await forgetOther(visit.interaction, person);
    const login = { accountId: person.username, acr, amr: AMR_OF[acr] ?? [] };
    return leave(visit, { login });
  }

  /** Another person answered: the session of the one before ends here, as if they had signed out. */
  async function forgetOther(interaction: Interaction, person: DemoPerson): Promise<void> {
    const { session } = interaction;
    if (session === undefined || session.accountId === person.username) return;
    const stored = session.uid === undefined ? undefined : await provider.Session.findByUid(session.uid);
    await stored?.destroy();
    interaction.session = undefined;
    await interaction.persist();
  }

  function giveUp(visit: Visit, error: string, description: string): Promise<void> {
    return leave(visit, { error, error_description: description });
  }

  /** Back to the engine, which answers the application. */
  async function leave(visit: Visit, result: InteractionResult): Promise<void> {
    const back = await answer(visit, result);
    visit.response.writeHead(303, { Location: back, 'Cache-Control': 'no-store' }).end();
  }

  function answer({ request, response }: Visit, result: InteractionResult): Promise<string> {
    return provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
  }
}

function stepOf(interaction: Interaction, people: readonly DemoPerson[]): Step {
  return nextStep({
    asked: askedAcr(interaction.params),
    anew: demandsPassword(interaction.prompt.reasons),
    entered: personNamed(people, interaction.result?.entered?.accountId),
    remembered: personNamed(people, interaction.session?.accountId),
  });
}

/** Who is probably about to sign in: whom the application names, else whoever is signed in. */
function hintedUsername({ params, session }: Interaction): string {
  return typeof params.login_hint === 'string' ? params.login_hint : (session?.accountId ?? '');
}
