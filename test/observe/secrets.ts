/** Things that must never appear in a log, each recognisable. */
export const SECRETS = {
  cookie: '__Host-stepgate-corp=AQx9cookieValueThatOpensASession0123456789',
  bearer: 'Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4',
  code: 'SplxlOBeZQQYbYS6WxSbIA-authorization-code-42',
  key: 'k3yM4t3rialOfTheGatewayInBase64Url-0123456789',
} as const;

/** The recognisable middle of each secret. */
const MARKS = [
  'cookieValueThatOpensASession',
  'eyJzdWIiOiJhbGljZSJ9',
  'c2lnbmF0dXJl',
  'SplxlOBeZQQ',
  'k3yM4t3rial',
  'hunter2',
];

/** The marks of secrets that are in `text`. */
export const leaked = (text: string): readonly string[] => MARKS.filter((mark) => text.includes(mark));

/** What a client may send to disturb a log or the terminal of who reads it. */
export const HOSTILE = 'a\r\n{"event":"sign_in"}\u001b[31m\u2028\u202e\u0000\u0085\ud800"\\';

/** Whether text would still disturb, after the JSON around it was taken away. */
export const disturbs = (text: string): boolean => /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text);
