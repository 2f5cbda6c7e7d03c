/**
 * The WebSocket side: who may connect, and the sockets of the sessions. Its invariants: the guard and the bounds are checked before the
 * upgrade; no viewer can make the server keep more for it than what its outbox holds and the rest of the one snapshot or page of events that it is
 * being given; one viewer's trouble ends one session. Without them any web page could watch, and one stalled laptop could fill the memory. It
 * refuses commands: those go by HTTP, where they have an answer.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type ServerOptions, type WebSocket } from 'ws';
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import { SUBPROTOCOL } from '../../src/shared/protocol/frames.ts';
import type { Authenticator } from '../auth/port.ts';
import type { Ours } from '../guard/origin.ts';
import type { Cursor } from '../bus/port.ts';
import type { LogStore } from '../logstore/port.ts';
import { Broadcaster } from './broadcaster.ts';
import { newCounters } from './counters.ts';
import { FrameCache } from './frame_cache.ts';
import { gatewayMetrics, type GatewayMetric } from './gateway_metrics.ts';
import {
  CLOSE_WITHIN_MS,
  MAX_BUFFERED_PIECES,
  MAX_CONNECTIONS,
  MAX_MESSAGE_BYTES,
  MAX_MESSAGE_FRAGMENTS,
  PING_INTERVAL_MS,
} from './limits.ts';
import { LiveSession } from './live_session.ts';
import { OpenLogs } from './open_logs.ts';
import { systemPace, type Pace } from './pace.ts';
import { PlainSession } from './plain_session.ts';
import { ReplayPages } from './replay_pages.ts';
import type { Session } from './session.ts';
import { SnapshotFrames } from './snapshot_frames.ts';
import { WireSocket } from './socket_port.ts';
import { judgeUpgrade, refuseUpgrade, type Verdict } from './upgrade.ts';
import type { ViewerDeps } from './viewer_deps.ts';

type OwnDeps = 'broadcaster' | 'counters' | 'frames' | 'pages' | 'snapshots' | 'viewers';

export interface GatewayDeps extends Omit<ViewerDeps, OwnDeps | 'logs' | 'bus'> {
  logs: Pick<LogStore, 'stat' | 'chunks' | 'onChange'>;
  bus: { readonly capacity: number; subscribe(onPublish?: () => void): Cursor<Envelope> };
  /** Default the system's timers. */
  pace?: Pace;
  authenticator: Authenticator;
  bootId: string;
  version: string;
  /** What is ours now; asked for each upgrade, because with port 0 the port is known only later. */
  guard(): Ours;
  /** Calls when somebody begins to watch after nobody did. */
  onFirstViewer?: () => void;
  /** Default MAX_CONNECTIONS. */
  maxConnections?: number;
}

export interface Gateway {
  /** For the `upgrade` event of the HTTP server. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  metrics: readonly GatewayMetric[];
  /** Tells every viewer that the server goes away, and resolves when the connections are closed. Idempotent. */
  close(): Promise<void>;
}

type Welcome = Extract<Verdict, { type: 'welcome' }>;

// `closeTimeout` is not in the type definitions yet.
const OPTIONS: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_MESSAGE_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_PIECES,
  closeTimeout: CLOSE_WITHIN_MS,
  // A protocol we do not speak is accepted and then closed with a code: a refused handshake tells a browser nothing.
  handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : ([...offered][0] ?? false)),
};

export function createGateway(deps: GatewayDeps): Gateway {
  const counters = newCounters();
  const server = new WebSocketServer(OPTIONS);
  const sessions = new Map<WebSocket, Session>();
  const shared: ViewerDeps = {
    ...deps,
    counters,
    broadcaster: new Broadcaster({ bus: deps.bus, pace: deps.pace ?? systemPace }),
    frames: new FrameCache(),
    pages: new ReplayPages(deps.log),
    snapshots: new SnapshotFrames(),
    viewers: () => sessions.size,
  };
  /** Every socket, also of sessions that have ended and wait for the other side's goodbye. */
  const sockets = new Set<WebSocket>();
  const openLogs = new OpenLogs(deps.logs, (change) => {
    for (const session of sessions.values()) session.logChanged(change);
  });
  let closing: Promise<void> | null = null;
  let stopTicking = (): void => {};

  const tick = (): void => {
    stopTicking = deps.clock.after(PING_INTERVAL_MS, tick);
    for (const session of sessions.values()) session.tick();
  };
  stopTicking = deps.clock.after(PING_INTERVAL_MS, tick);

  function open(ws: WebSocket, tcp: Duplex, { actor, after, chunks }: Welcome): void {
    const socket = new WireSocket(ws, tcp);
    sockets.add(ws);
    // The socket closes itself after an error, with the code the error asks for.
    ws.on('error', (error) => deps.report('a viewer broke the WebSocket protocol', error));
    ws.once('close', () => {
      sockets.delete(ws);
      sessions.get(ws)?.end();
      sessions.delete(ws);
    });
    if (actor === null && deps.authenticator.verified) return ws.close(CLOSE.unauthenticated, 'sign in');
    if (ws.protocol !== '' && ws.protocol !== SUBPROTOCOL) return ws.close(CLOSE.protocol, 'reload');
    const session =
      ws.protocol === SUBPROTOCOL
        ? new LiveSession(socket, shared, { boot_id: deps.bootId, server_version: deps.version, capacity: deps.bus.capacity, actor })
        : new PlainSession(socket, shared, { after, chunks, openLogs: openLogs.bytes, ping: () => ws.ping() });
    sessions.set(ws, session);
    ws.on('message', (data, isBinary) => session.receive(isBinary ? null : textOf(data)));
    ws.on('pong', () => session.heard());
    if (sessions.size === 1) deps.onFirstViewer?.();
  }

  function judge({ url = '', headers }: IncomingMessage): Verdict {
    const hasPlace = closing === null && sockets.size < (deps.maxConnections ?? MAX_CONNECTIONS);
    return judgeUpgrade(
      { url, headers },
      { ours: deps.guard(), authenticator: deps.authenticator, hasPlace, head: deps.log.bounds().head },
    );
  }

  async function shutDown(): Promise<void> {
    stopTicking();
    openLogs.close();
    const gone = [...sockets].map((ws) => new Promise((resolve) => ws.once('close', resolve)));
    for (const session of sessions.values()) session.end();
    // `ws` destroys a socket whose other side does not say goodbye in CLOSE_WITHIN_MS.
    for (const ws of sockets) ws.close(CLOSE.going_away, 'the server shuts down');
    await Promise.all(gone);
  }

  return {
    metrics: gatewayMetrics(counters, () => sessions.size),
    close: () => (closing ??= shutDown()),
    handleUpgrade(request, socket, head) {
      // A peer that hangs up in the middle of the handshake is no error of ours.
      socket.on('error', () => socket.destroy());
      try {
        const verdict = judge(request);
        if (verdict.type === 'welcome') return server.handleUpgrade(request, socket, head, (ws) => open(ws, socket, verdict));
        counters.upgrades_refused++;
        refuseUpgrade(socket, verdict);
      } catch (error) {
        // Thrown out of an event listener it would end the server.
        deps.report('an upgrade failed', error);
        refuseUpgrade(socket, {
          type: 'refused',
          status: 500,
          code: 'internal',
          message: 'Something went wrong in the server. Its log has the details.',
        });
      }
    },
  };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
