import { timingSafeEqual } from 'node:crypto';

/** Somebody who can sign in at the demo's identity provider. */
export interface DemoPerson {
  /** Also the subject: the same after every start, so that a gateway's session outlives a restart of the demo. */
  readonly username: string;
  readonly password: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  /** Key of the time-based codes; null = no second factor. */
  readonly totpSecret: Buffer | null;
}

/**
 * The three people of the demo: two with a second factor, one without.
 *
 * @param randomBytes - makes the keys of the second factors, new at every start
 */
export function demoPeople(randomBytes: (size: number) => Buffer): readonly DemoPerson[] {
  return [
    {
      username: 'alice',
      password: 'wonderland',
      name: 'Alice Keller',
      email: 'alice@demo.example',
      groups: ['staff', 'hr'],
      totpSecret: randomBytes(20),
    },
    {
      username: 'bob',
      password: 'builder',
      name: 'Bob Meyer',
      email: 'bob@demo.example',
      groups: ['staff'],
      totpSecret: null,
    },
    {
      username: 'carol',
      password: 'harbour',
      name: 'Carol N’Diayé',
      email: 'carol@demo.example',
      groups: ['staff', 'managers'],
      totpSecret: randomBytes(20),
    },
  ];
}

/** The person with this username, or null. */
export function personNamed(people: readonly DemoPerson[], username: string | undefined): DemoPerson | null {
  return people.find((person) => person.username === username) ?? null;
}

/** The person with this username and password, or null. Case and spaces around the username do not matter. */
export function personWithPassword(
  people: readonly DemoPerson[],
  username: string,
  password: string,
): DemoPerson | null {
  const person = personNamed(people, username.trim().toLowerCase());
  if (person === null) return null;
  const given = Buffer.from(password);
  const right = Buffer.from(person.password);
  return given.length === right.length && timingSafeEqual(given, right) ? person : null;
}
