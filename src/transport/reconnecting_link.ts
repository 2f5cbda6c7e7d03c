/** One instance of reconnecting-websocket for one try; see `LiveSocket` for why not more. */
import ReconnectingWebSocket, { type Options } from 'reconnecting-websocket';
import { SUBPROTOCOL } from '../shared/protocol/frames.ts';
import { CONNECT_TIMEOUT_MS } from './link_timing.ts';
import type { Link, LinkMaker } from './live_socket.ts';

// The class for bundlers and for Node alike; only the types that Node's resolution reads take it for the module around it.
const Instance = ReconnectingWebSocket as unknown as new (url: string, protocol: string, options: Options) => Link;

export const makeLink: LinkMaker = (url) =>
  // A string and not a provider: a provider that rejects leaves the instance stuck for ever.
  new Instance(url, SUBPROTOCOL, {
    connectionTimeout: CONNECT_TIMEOUT_MS,
    maxRetries: 0,
    // Queued sends would leave before `resume`.
    maxEnqueuedMessages: 0,
  });
