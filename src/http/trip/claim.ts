import type { OidcProviderConfig } from '../../config/world.ts';
import type { SessionPart } from '../../sessions/session-size.ts';

/** The claim that a part of a session came from, by the name that the provider's administrators know it by. */
export function claimOf({ claims, loginHint }: OidcProviderConfig, part: SessionPart): string {
  if (typeof part === 'object') return part.claim;
  switch (part) {
    case 'subject':
      return 'sub';
    case 'name':
      return claims.name;
    case 'email':
      return claims.email;
    case 'groups':
      return claims.groups ?? part;
    case 'login_hint':
      return loginHint ?? part;
    default:
      return part;
  }
}
