/** Judges an upgrade before anything is spent on it. Refusals are HTTP answers: a browser's WebSocket would not show the code, but curl and proxies do. */
import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Actor } from '../../src/shared/protocol/ids.ts';
import type { Authenticator } from '../auth/port.ts';
import { COME_BACK_S, Failure, HTTP_STATUS } from '../failure.ts';
import { askedOf, checkOrigin, type Ours } from '../guard/origin.ts';

export const EVENTS_PATH = '/events';
const PARAMETERS: ReadonlySet<string> = new Set(['after', 'logs']);

export interface Upgrade {
  url: string;
  headers: IncomingHttpHeaders;
}

export type Verdict =
  | { type: 'welcome'; actor: Actor | null; after: number | null; chunks: boolean }
  | { type: 'refused'; status: number; code: string; message: string };

export interface Door {
  ours: Ours;
  authenticator: Authenticator;
  /** False when there is no place for another viewer. */
  hasPlace: boolean;
  /** seq_no of the last stored event. */
  head: number;
}

export function judgeUpgrade({ url, headers }: Upgrade, door: Door): Verdict {
  const refusal = checkOrigin(askedOf('GET', headers), door.ours);
  if (refusal !== null) return { type: 'refused', ...refusal };
  const [path, search = ''] = url.split('?', 2);
  if (path !== EVENTS_PATH) return refused('not_found', `Live events are at ${EVENTS_PATH}.`);
  if (!door.hasPlace) return refused('unavailable', 'Too many viewers are connected. Try again in a moment.');
  const query = new URLSearchParams(search);
  const strange = [...query.keys()].find((name, at, names) => !PARAMETERS.has(name) || names.indexOf(name) !== at);
  if (strange !== undefined) return refused('unprocessable', `${strange} does not fit here: there are after and logs, each once.`);
  const logs = query.get('logs') ?? '1';
  if (logs !== '0' && logs !== '1') return refused('unprocessable', 'logs is 0 or 1.');
  const after = query.get('after');
  if (after !== null && !/^\d{1,15}$/.test(after)) return refused('malformed', 'after is a seq_no, a whole number.');
  if (Number(after) > door.head) {
    const message = `The event log ends at ${door.head} and does not reach ${after}: that is of another history. Read /api/v1/state and go on from its seq_no.`;
    return { type: 'refused', status: 409, code: 'other_history', message };
  }
  try {
    return {
      type: 'welcome',
      actor: door.authenticator.identify(headers),
      after: after === null ? null : Number(after),
      chunks: logs === '1',
    };
  } catch (error) {
    if (error instanceof Failure) return refused(error.code, error.message);
    throw error;
  }
}

function refused(code: Failure['code'], message: string): Verdict {
  return { type: 'refused', status: HTTP_STATUS[code], code, message };
}

/** Answers in HTTP and closes. */
export function refuseUpgrade(socket: Duplex, { status, code, message }: Extract<Verdict, { type: 'refused' }>): void {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: `urn:signalbox:${code}`, title, status, code, detail: message });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...(status === HTTP_STATUS.unavailable ? [`retry-after: ${COME_BACK_S}`] : []),
  ];
  // `end` would leave a socket open for as long as the other side does not close its half.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
