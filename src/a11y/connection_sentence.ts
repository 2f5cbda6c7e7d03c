/** What is said aloud when the connection changes: that it was lost and that it is back, not each step between. */

export type ConnectionStatus = 'live' | 'catching_up' | 'reconnecting' | 'stale' | 'new_version';

/** @param before whether it was live. @param reason the connection's own sentence. */
export function connectionSentence(before: boolean, now: { live: boolean; status: ConnectionStatus; reason: string }): string | null {
  if (now.live) return before ? null : 'Live again.';
  return before || now.status === 'stale' ? now.reason : null;
}
