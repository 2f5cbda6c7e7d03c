/** Actors as people read them: `local:Ana` is Ana, or You on Ana's own screen. What the pipeline did by itself has no name. */
import type { Actor } from '../protocol/ids.ts';

/** The name in an actor; an empty string for the system, whose deeds are told without a name. */
export function nameOf(actor: string): string {
  return actor.startsWith('system:') ? '' : actor.slice(actor.indexOf(':') + 1);
}

/** `You` when it is the viewer. */
export function displayName(actor: string, me: Actor | null): string {
  return actor === me ? 'You' : nameOf(actor);
}

/** `, Ana` after a time, nothing for the system. */
export function byline(actor: string, me: Actor | null): string {
  const name = displayName(actor, me);
  return name === '' ? '' : `, ${name}`;
}

/** ` by Ana` in a sentence; ` by you` to the viewer. */
export function byWhom(actor: string, me: Actor | null): string {
  const name = displayName(actor, me);
  return name === '' ? '' : ` by ${name === 'You' ? 'you' : name}`;
}

/** Nobody has proved to be who the name says: it was typed in, or taken from a mail address in git. */
export function isUnverified(actor: string): boolean {
  return actor.startsWith('local:') || actor.startsWith('hook:');
}
