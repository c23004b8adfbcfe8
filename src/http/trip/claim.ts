import type { ProviderConfig } from '../../config/world.ts';
import type { SessionPart } from '../../sessions/session-size.ts';

/** The claim that a part of a session came from, by the name that the provider's administrators know it by. */
export function claimOf(config: ProviderConfig, part: SessionPart): string {
  const { claims } = config;
  if (typeof part === 'object') return part.claim;
  switch (part) {
    case 'subject':
      return config.type === 'oidc' ? 'sub' : (config.subject ?? 'NameID');
    case 'name':
      return claims.name ?? part;
    case 'email':
      return claims.email ?? part;
    case 'groups':
      return claims.groups ?? part;
    case 'login_hint':
      return (config.type === 'oidc' ? config.loginHint : null) ?? part;
    default:
      return part;
  }
}
