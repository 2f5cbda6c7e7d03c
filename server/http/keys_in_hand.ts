/** Knows which commands are worked on. Looking one up in git may take minutes: until it has its answer nobody may say that it was not received. */
import type { CommandDesk } from '../recorder_port.ts';

export interface KeysInHand {
  /** As the desk it stands before. */
  desk: CommandDesk;
  has(key: string): boolean;
}

export function keysInHand(behind: CommandDesk): KeysInHand {
  /** How often: a command may be repeated while it is worked on. */
  const held = new Map<string, number>();

  function release(key: string): void {
    const left = (held.get(key) ?? 0) - 1;
    if (left > 0) held.set(key, left);
    else held.delete(key);
  }

  async function submit(...[command, actor, key]: Parameters<CommandDesk['submit']>): ReturnType<CommandDesk['submit']> {
    if (key === null) return behind.submit(command, actor, key);
    held.set(key, (held.get(key) ?? 0) + 1);
    try {
      return await behind.submit(command, actor, key);
    } finally {
      release(key);
    }
  }

  return { desk: { submit }, has: (key) => held.has(key) };
}
