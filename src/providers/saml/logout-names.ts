import { UNSPECIFIED } from '../../saml/names.ts';
import type { NameId } from './assertion.ts';
import { nameIdText, providerSessionOf } from './person.ts';

/** A provider that lists more sessions than these of one person means all of them, or as good as all. */
const MOST_INDEXES = 32;

/**
 * The names that sessions have here (`providerSession`) which a LogoutRequest is about; of the person where it names no
 * session. What goes without saying may be said by one message and left out of the other (Core 2.2.2, 8.3.7): such a name
 * is the same name. Any other qualifier makes it that of somebody else.
 */
export function namesAbout(
  nameId: NameId,
  sessionIndexes: readonly string[],
  { issuer, entityId }: { readonly issuer: string; readonly entityId: string },
): readonly string[] {
  const spellings = either(nameId.format, UNSPECIFIED).flatMap((format) =>
    either(nameId.nameQualifier, issuer).flatMap((nameQualifier) =>
      either(nameId.spNameQualifier, entityId).map((spNameQualifier) => ({
        value: nameId.value,
        format,
        nameQualifier,
        spNameQualifier,
      })),
    ),
  );
  if (sessionIndexes.length === 0 || sessionIndexes.length > MOST_INDEXES) return spellings.map(nameIdText);
  return spellings.flatMap((name) => sessionIndexes.map((index) => providerSessionOf(name, index)));
}

const either = (said: string | null, understood: string): readonly (string | null)[] =>
  said === null || said === understood ? [null, understood] : [said];

/** The provider's session that a text of {@link providerSessionOf} names; null where it is none. */
export function readProviderSession(
  text: string | null,
): { readonly nameId: NameId; readonly sessionIndex: string | null } | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 5 || !parts.every((part) => part === null || typeof part === 'string'))
    return null;
  const [value, format, nameQualifier, spNameQualifier, sessionIndex] = parts as (string | null)[];
  if (!value) return null;
  const orNull = (part: string | null | undefined): string | null => part ?? null;
  return {
    nameId: {
      value,
      format: orNull(format),
      nameQualifier: orNull(nameQualifier),
      spNameQualifier: orNull(spNameQualifier),
    },
    sessionIndex: orNull(sessionIndex),
  };
}
