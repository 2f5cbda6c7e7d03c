/** Who is asking. Today's adapter is `local`: the name the operator gave, unverified. */
import type { Actor } from '../../src/shared/protocol/ids.ts';

export interface Authenticator {
  /** @param headers lower-case names. @returns the actor, or null when nobody is named yet. @throws Failure `unauthenticated`, `malformed`. */
  identify(headers: Readonly<Record<string, string | string[] | undefined>>): Actor | null;
  /** False until sign-in exists: screens say "unverified". */
  readonly verified: boolean;
}
