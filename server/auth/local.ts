/**
 * Today's Authenticator: believes the name the operator gave. Screens say "unverified" because anyone who can reach the port can give any
 * name. It accepts two kinds only, so that nobody can sign as the server itself (`system:`) or as a person or machine that a later sign-in
 * will vouch for (`user:`, `token:`).
 */
import { Actor } from '../../src/shared/protocol/ids.ts';
import { Failure } from '../failure.ts';
import type { Authenticator } from './port.ts';

export const ACTOR_HEADER = 'x-signalbox-actor';

const SENT = /^(local|hook):([\x21-\x7e]+)$/;
/** Control characters, line and paragraph separators, what is not seen, and the marks that reorder text: they could make one name look like another. */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u2060-\u2064\u3164\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const HOW = `Send ${ACTOR_HEADER}: local:<your name, percent-encoded>.`;

export function localAuthenticator(): Authenticator {
  return {
    verified: false,
    identify(headers) {
      const sent = headers[ACTOR_HEADER];
      if (sent === undefined) return null;
      const parts = typeof sent === 'string' ? SENT.exec(sent) : null;
      if (parts === null) throw new Failure('malformed', `The name of the actor cannot be read. ${HOW}`);
      const [, kind = '', encoded = ''] = parts;
      const name = decode(encoded).normalize('NFC').trim();
      if (name === '' || DECEPTIVE.test(name))
        throw new Failure('malformed', `The name of the actor is empty or has control characters. ${HOW}`);
      const actor = Actor.safeParse(`${kind}:${name}`);
      if (!actor.success) throw new Failure('malformed', `The name of the actor is too long. ${HOW}`);
      return actor.data;
    },
  };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new Failure('malformed', `The name of the actor is not percent-encoded UTF-8. ${HOW}`, { cause });
  }
}
