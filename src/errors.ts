/** Every way a request or a trip can end other than well: one row each, and nowhere else. */

/** Failures of a trip to the provider: the same words in pages, audit and metrics. */
export type StepUpFailure =
  | 'level_not_met'
  | 'stale_authentication'
  | 'subject_mismatch'
  | 'session_changed'
  | 'access_denied'
  | 'provider_error'
  | 'provider_unavailable'
  | 'invalid_response'
  | 'flow_expired'
  | 'flow_replayed'
  | 'cookies_disabled'
  | 'claims_too_large'
  | 'too_many_attempts';

/** Requests that are refused before or instead of a decision about a person. */
export type RefusalCode =
  | 'ambiguous_request'
  | 'invalid_token'
  | 'no_app'
  | 'not_found'
  | 'method_not_allowed'
  | 'no_rule'
  | 'forbidden'
  | 'unsatisfiable'
  | 'untrusted_origin'
  | 'navigation_required'
  | 'body_too_large'
  | 'url_too_long'
  | 'unknown_host'
  | 'cookies_too_large'
  | 'internal'
  | 'upstream_refused'
  | 'upstream_broke'
  | 'upstream_timeout'
  | 'ledger_unavailable';

export type ErrorCode = StepUpFailure | RefusalCode;

export interface ErrorRow {
  readonly status: number;
  /** A few words: the heading of the page and the `title` of the problem document. */
  readonly title: string;
  /** What happened and what the person can do about it. */
  readonly sentence: string;
}

export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = {
  level_not_met: {
    status: 403,
    title: 'A stronger sign-in is needed',
    sentence:
      'Your sign-in service did not confirm the additional step that this page needs. You may not have set it up yet. Pages that do not need it work as before.',
  },
  stale_authentication: {
    status: 403,
    title: 'A fresh sign-in is needed',
    sentence:
      'This page needs a sign-in from just now, but your sign-in service answered with an older one. Pages that do not need it work as before.',
  },
  subject_mismatch: {
    status: 403,
    title: 'Someone else signed in',
    sentence:
      'The account that came back from the sign-in service is not the one you are using here. Nothing was changed: you are still signed in as before. Try again with the same account, or sign out first.',
  },
  session_changed: {
    status: 403,
    title: 'Your session changed meanwhile',
    sentence:
      'You signed in or out in another tab while this sign-in was under way, so it was not used. Open the page again to continue.',
  },
  access_denied: {
    status: 403,
    title: 'The sign-in was cancelled',
    sentence: 'The sign-in was cancelled before it was complete. Nothing about your session here has changed.',
  },
  provider_error: {
    status: 403,
    title: 'The sign-in did not work',
    sentence:
      'Your sign-in service reported a problem. Nothing about your session here has changed. Try again in a moment.',
  },
  provider_unavailable: {
    status: 503,
    title: 'The sign-in service is away',
    sentence:
      'Your sign-in service cannot be reached just now. Try again in a moment; what you can open already keeps working.',
  },
  invalid_response: {
    status: 400,
    title: 'The sign-in answer was not valid',
    sentence:
      'What came back from the sign-in service could not be verified, so it was not used. Nothing about your session here has changed. Try again; if it happens again, tell your help desk.',
  },
  flow_expired: {
    status: 400,
    title: 'This sign-in took too long',
    sentence:
      'The sign-in was not finished in time, or belongs to another browser. Open the page again to start a new one.',
  },
  flow_replayed: {
    status: 400,
    title: 'This sign-in was used already',
    sentence: 'A sign-in can be used once. Open the page again; if more is needed, you will be asked.',
  },
  cookies_disabled: {
    status: 400,
    title: 'Cookies are needed to sign in',
    sentence:
      'Your browser did not keep the cookie that a sign-in needs. Allow cookies for this site, then open the page again.',
  },
  claims_too_large: {
    status: 403,
    title: 'Your account has too much data',
    sentence:
      'Your sign-in service sent more about your account than fits into a browser cookie, so the sign-in was not used. Tell your help desk.',
  },
  too_many_attempts: {
    status: 403,
    title: 'Too many sign-ins in a short time',
    sentence:
      'More sign-ins were started or failed for your account than are allowed in a few minutes. Wait a little, then try again. If it was not you, tell your help desk. Pages that need no further sign-in work as before.',
  },
  ambiguous_request: {
    status: 400,
    title: 'This address is not understood',
    sentence:
      'The address or request can be read in more than one way, so it was not passed on. Check the link, or start from the front page.',
  },
  invalid_token: {
    status: 400,
    title: 'This link no longer works',
    sentence:
      'The link is altered, expired or meant for another session. Go back to the page you came from and try again.',
  },
  no_app: {
    status: 404,
    title: 'Nothing is here',
    sentence: 'No application answers at this address. Check the link.',
  },
  not_found: { status: 404, title: 'Nothing is here', sentence: 'There is no page at this address. Check the link.' },
  method_not_allowed: {
    status: 405,
    title: 'This does not work here',
    sentence: 'This address does not take requests of this kind. Go back and try another way.',
  },
  no_rule: {
    status: 403,
    title: 'This page is not open',
    sentence: 'No rule opens this page to anyone. If you need it, tell your help desk.',
  },
  forbidden: {
    status: 403,
    title: 'This page is closed',
    sentence:
      'You may not open this page, and signing in again does not change that. If you need it, tell your help desk.',
  },
  unsatisfiable: {
    status: 403,
    title: 'This page cannot be opened',
    sentence: 'This page asks for a sign-in that your sign-in service cannot give. Tell your help desk.',
  },
  untrusted_origin: {
    status: 403,
    title: 'The request came from elsewhere',
    sentence:
      'The request was made by a page of another site, so it was not passed on. Open the page yourself and try again.',
  },
  navigation_required: {
    status: 403,
    title: 'Open this page yourself',
    sentence: 'This address only works when it is opened in its own tab.',
  },
  body_too_large: {
    status: 413,
    title: 'Too much was sent',
    sentence: 'The request is larger than this address takes, so it was not passed on.',
  },
  url_too_long: {
    status: 414,
    title: 'The address is too long',
    sentence: 'The address is longer than 8 kB, so it was not passed on.',
  },
  unknown_host: {
    status: 421,
    title: 'Unknown host',
    sentence: 'No application is served under this host name. Check the address.',
  },
  cookies_too_large: {
    status: 431,
    title: 'Too many cookies',
    sentence:
      'Your browser sent more cookies than fit. The ones of the sign-in were removed: open the page again and sign in.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong',
    sentence: 'The gateway could not finish this request. Try again; if it happens again, tell your help desk.',
  },
  upstream_refused: {
    status: 502,
    title: 'The application is not answering',
    sentence: 'The application behind this address could not be reached. Try again in a moment.',
  },
  upstream_broke: {
    status: 502,
    title: 'The application broke off',
    sentence: 'The application behind this address broke off its answer. Whether it did what you asked is not known.',
  },
  upstream_timeout: {
    status: 504,
    title: 'The application is too slow',
    sentence: 'The application behind this address did not answer in time. Whether it did what you asked is not known.',
  },
  ledger_unavailable: {
    status: 503,
    title: 'Not possible just now',
    sentence: 'The gateway cannot record this step just now, so it was not taken. Try again in a moment.',
  },
};
