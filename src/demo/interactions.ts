import type { IncomingMessage, ServerResponse } from 'node:http';
import { ACR_MFA, ACR_PASSKEY, AMR_MFA, AMR_PASSWORD, askedAcr, askedSubject } from './acr.ts';
import { countAttempts } from './attempts.ts';
import type { EngineProvider, Interaction, InteractionResult } from './engine.ts';
import { readForm } from './form.ts';
import { brokenPage, secondFactorPage, signInPage } from './idp-pages.ts';
import { passkeyPage, registerPasskeyPage } from './passkey-pages.ts';
import type { Passkeys } from './passkeys.ts';
import { type DemoPerson, personNamed, personWithPassword } from './people.ts';
import { demandsAnotherPerson, demandsPassword } from './prompting.ts';
import { nextStep, type Step } from './step.ts';
import { isTotpCode, totpCode } from './totp.ts';
import { type Trip, tripEnds } from './trip-ends.ts';

export interface InteractionSetting {
  readonly provider: EngineProvider;
  readonly people: readonly DemoPerson[];
  readonly passkeys: Passkeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Sends a page of ours; `script` where it may run the one for passkeys. */
  readonly show: (response: ServerResponse, status: number, page: string, script?: 'script') => void;
}

/** One request to the pages between an authorization request and its answer. */
interface Visit extends Trip {
  readonly step: Step;
}

const PATH = /^\/interaction\/([\w-]+)(?:\/([a-z]+))?$/;

/** Status of a page whose form was filled in wrongly. */
const WRONG = 422;

/** More than any browser says about a passkey where no attestation is asked for. */
const MAX_PASSKEY_BYTES = 32_768;

const UNANSWERED =
  'Your browser did not answer. It uses passkeys by JavaScript, which is switched off or did not load.';

/**
 * Serves `/interaction/…`: the sign-in page, the second factor, passkeys, cancelling. Which of them comes next is
 * {@link nextStep}'s to say; nothing is believed of the browser but its answers.
 */
export function serveInteractions(setting: InteractionSetting) {
  const { provider, people, passkeys, show } = setting;
  const trip = tripEnds(provider);
  const attempts = countAttempts();
  const posts = new Map([
    ['password', enterPassword],
    ['code', enterCode],
    ['register', registerPasskey],
    ['passkey', usePasskey],
  ]);

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const [, uid, verb] = PATH.exec(path) ?? [];
    const interaction = await provider.interactionDetails(request, response).catch(() => null);
    if (uid === undefined || interaction === null || interaction.uid !== uid) return void expired(response);
    const visit = { request, response, interaction, step: stepOf(interaction) };
    const post = posts.get(verb ?? '');
    if (request.method === 'POST' && post !== undefined) return post(visit);
    if (request.method !== 'GET') return void show(response, 405, brokenPage('Not possible', 'Go back and try again.'));
    if (verb === 'cancel') return trip.giveUp(visit, 'access_denied', 'the person cancelled');
    if (verb === 'another' || verb === 'mine') {
      return goOn(visit, { ...interaction.result, another: verb === 'another' });
    }
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
    if (step.kind === 'unmet')
      return trip.giveUp(visit, 'unmet_authentication_requirements', 'the person cannot do this');
    if (step.kind === 'done') return trip.finish(visit, step.person, step.acr, AMR_PASSWORD);
    if (step.kind === 'password') {
      const username = typed === '' ? hintedUsername(interaction) : typed;
      return show(response, status, signInPage({ base, people, username, error }));
    }
    const { person } = step;
    if (step.kind === 'passkey') {
      const question = await passkeys.askToUse(interaction.uid, person);
      return show(response, status, passkeyPage({ base, person, question, error }), 'script');
    }
    if (step.kind === 'register_passkey') {
      const question = await passkeys.askToRegister(interaction.uid, person);
      const hasOne = passkeys.has(person);
      return show(response, status, registerPasskeyPage({ base, person, question, hasOne, error }), 'script');
    }
    if (person.totpSecret === null || attempts.blocked(person.username, setting.now())) {
      return trip.giveUp(visit, 'access_denied', 'too many wrong codes');
    }
    const code = totpCode(person.totpSecret, setting.now());
    return show(response, status, secondFactorPage({ base, person, code, toRegister: step.toRegister, error }));
  }

  async function enterPassword(visit: Visit): Promise<void> {
    if (visit.step.kind !== 'password') return proceed(visit);
    const form = await readForm(visit.request);
    const username = form?.get('username') ?? '';
    const person = personWithPassword(people, username, form?.get('password') ?? '');
    if (person === null)
      return proceed(visit, 'That username and password do not belong together. Try again.', username);
    const wanted = askedSubject(visit.interaction.params);
    if (wanted !== null && wanted !== person.username) {
      const name = personNamed(people, wanted)?.name ?? 'somebody else';
      return proceed(visit, `The application asks for ${name}. Sign in as that person, or cancel.`, username);
    }
    return goOn(visit, { ...visit.interaction.result, entered: { accountId: person.username } });
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
    if (!step.toRegister) return trip.finish(visit, step.person, ACR_MFA, AMR_MFA);
    return goOn(visit, { ...visit.interaction.result, confirmed: { accountId: username } });
  }

  /** Saving a passkey proves nothing yet, since nothing was signed with it: it is used right after. */
  async function registerPasskey(visit: Visit): Promise<void> {
    const { step, interaction, request } = visit;
    if (step.kind !== 'register_passkey') return proceed(visit);
    const answer = await readAnswer(request);
    if (answer === '') return proceed(visit, UNANSWERED);
    const saved = await passkeys.register(interaction.uid, step.person, answer);
    if (!saved) return proceed(visit, 'That passkey was not saved. Try again.');
    return goOn(visit, { ...interaction.result, another: false });
  }

  async function usePasskey(visit: Visit): Promise<void> {
    const { step, interaction, request } = visit;
    if (step.kind !== 'passkey') return proceed(visit);
    const answer = await readAnswer(request);
    if (answer === '') return proceed(visit, UNANSWERED);
    const amr = await passkeys.use(interaction.uid, step.person, answer);
    if (amr === null) return proceed(visit, 'That passkey was not accepted. Try again.');
    return trip.finish(visit, step.person, ACR_PASSKEY, amr);
  }

  /** Remembers what was done on this trip and shows what comes next. */
  async function goOn(visit: Visit, result: InteractionResult): Promise<void> {
    await trip.remember(visit, result);
    return proceed({ ...visit, step: stepOf({ ...visit.interaction, result }) });
  }

  function stepOf({ params, prompt, result, session }: Interaction): Step {
    const named = (account: { readonly accountId: string } | undefined): DemoPerson | null =>
      personNamed(people, account?.accountId);
    return nextStep({
      asked: askedAcr(params),
      anew: demandsPassword(prompt.reasons),
      entered: named(result?.entered),
      remembered: demandsAnotherPerson(prompt.reasons) ? null : named(session),
      confirmed: named(result?.confirmed),
      hasPasskey: (person) => result?.another !== true && passkeys.has(person),
    });
  }
}

/** What the script of a page for passkeys sent; empty where no script ran. */
async function readAnswer(request: IncomingMessage): Promise<string> {
  return (await readForm(request, MAX_PASSKEY_BYTES))?.get('answer') ?? '';
}

/** Who is probably about to sign in: whom the application hints at or asks for, else whoever is signed in. */
function hintedUsername({ params, session }: Interaction): string {
  if (typeof params.login_hint === 'string') return params.login_hint;
  return askedSubject(params) ?? session?.accountId ?? '';
}
