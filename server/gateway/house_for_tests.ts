/** Real log, bus and fold in memory, with stand-ins for what moves by itself. Only tests import this. */
import { fold } from '../../src/shared/fold/fold.ts';
import { EMPTY_STATE, type State } from '../../src/shared/fold/state.ts';
import { decodeFrameDown } from '../../src/shared/protocol/codec.ts';
import type { Envelope } from '../../src/shared/protocol/envelope.ts';
import type { Event } from '../../src/shared/protocol/events/event.ts';
import type { FrameDown, FrameDownOf, FrameUp } from '../../src/shared/protocol/frames.ts';
import { GateId, ProjectId, RunId, TierId, Version } from '../../src/shared/protocol/ids.ts';
import { EventBus } from '../bus/event_bus.ts';
import { memoryEventLog } from '../eventlog/memory.ts';
import { Broadcaster } from './broadcaster.ts';
import { newCounters } from './counters.ts';
import { FrameCache } from './frame_cache.ts';
import { LiveSession } from './live_session.ts';
import { OpenLogs } from './open_logs.ts';
import { PlainSession, type PlainOptions } from './plain_session.ts';
import { ReplayPages } from './replay_pages.ts';
import type { Session } from './session.ts';
import { SnapshotFrames } from './snapshot_frames.ts';
import { FakeSocket, ManualClock, MemoryLogs } from './stand_ins_for_tests.ts';
import type { ViewerDeps } from './viewer_deps.ts';

export const EPOCH = '1-test';
const PROJECT = ProjectId.parse('hello');

/** All that can happen without time passing has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

export class House {
  readonly log: ReturnType<typeof memoryEventLog>;
  readonly bus: EventBus<Envelope>;
  readonly logs = new MemoryLogs();
  readonly clock = new ManualClock();
  readonly counters = newCounters();
  readonly reports: { what: string; error: unknown }[] = [];
  readonly deps: ViewerDeps;
  readonly #sessions = new Set<Session>();
  readonly #openLogs = new OpenLogs(this.logs, (change) => {
    for (const session of this.#sessions) session.logChanged(change);
  });
  state: State = EMPTY_STATE;

  constructor({ capacity = 8, floor = 0, epoch = EPOCH }: { capacity?: number; floor?: number; epoch?: string } = {}) {
    this.log = memoryEventLog({ epoch, floor });
    this.state = { ...EMPTY_STATE, seq_no: floor };
    this.bus = new EventBus<Envelope>({ capacity, report: (what, error) => this.reports.push({ what, error }) });
    this.deps = {
      bus: this.bus,
      log: this.log,
      recording: { state: () => this.state },
      logs: this.logs,
      clock: this.clock,
      counters: this.counters,
      // The end of a window is the next turn, and tests need not wait for it.
      broadcaster: new Broadcaster({ bus: this.bus, pace: { now: () => 0, after: (_, then) => void setImmediate(then) } }),
      frames: new FrameCache(),
      pages: new ReplayPages(this.log),
      viewers: () => this.#sessions.size,
      snapshots: new SnapshotFrames(),
      report: (what, error) => void this.reports.push({ what, error }),
    };
  }

  /** Stores, folds and publishes one commit, as the recorder does. */
  async record(...events: Event[]): Promise<void> {
    const first_seq = this.log.bounds().head + 1;
    const at = new Date(this.clock.now()).toISOString();
    const envelopes = events.map((event, i): Envelope => ({
      seq_no: first_seq + i,
      id: `id-${first_seq + i}`,
      at,
      project: PROJECT,
      ...event,
    }));
    await this.log.append([{ first_seq, envelopes }], { expect_head: first_seq - 1 });
    for (const envelope of envelopes) this.state = fold(this.state, envelope);
    for (const envelope of envelopes) this.bus.publish(envelope);
  }

  /** `count` commits of one event each. */
  async recordMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.record(story());
  }

  live(): LiveViewer {
    const socket = new FakeSocket();
    const session = new LiveSession(socket, this.deps, {
      boot_id: 'boot-1',
      server_version: '0.1.0',
      capacity: this.bus.capacity,
      actor: null,
    });
    this.#sessions.add(session);
    return new LiveViewer(socket, session);
  }

  plain(options: Partial<PlainOptions> = {}): { socket: FakeSocket; session: Session; items: () => PlainItem[]; pings: () => number } {
    const socket = new FakeSocket();
    let pings = 0;
    const session = new PlainSession(socket, this.deps, {
      after: null,
      chunks: true,
      openLogs: this.#openLogs.bytes,
      ping: () => void pings++,
      ...options,
    });
    this.#sessions.add(session);
    return { socket, session, items: () => socket.frames.map((frame) => JSON.parse(frame) as PlainItem), pings: () => pings };
  }

  /** Every viewer's ping is due; the time before it has passed. */
  tick(ms: number): void {
    this.clock.advance(ms);
    for (const session of this.#sessions) session.tick();
  }
}

export interface PlainItem {
  kind: string;
  seq_no?: number;
  skipped?: number;
  text?: string;
  from?: number;
  to?: number;
  run_id?: number;
}

/** The client's side of a `signalbox.v1` session. */
export class LiveViewer {
  readonly socket: FakeSocket;
  readonly session: Session;

  constructor(socket: FakeSocket, session: Session) {
    this.socket = socket;
    this.session = session;
  }

  say(frame: FrameUp): void {
    this.session.receive(JSON.stringify(frame));
  }

  async resume(
    epoch: string | null = null,
    after: number | null = null,
    id: string | null = after === null ? null : `id-${after}`,
  ): Promise<void> {
    this.say({ type: 'resume', epoch, after, id });
    await settled();
  }

  frames(): FrameDown[] {
    return this.socket.frames.map(decodeFrameDown);
  }

  of<T extends FrameDown['type']>(type: T): FrameDownOf<T>[] {
    return this.frames().filter((frame): frame is FrameDownOf<T> => frame.type === type);
  }

  /** seq_no of every event received, in order. */
  seqs(): number[] {
    return this.of('events').flatMap(({ items }) => items.map(({ seq_no }) => seq_no));
  }
}

export function story(story_id = 's'): Event {
  return { kind: 'story_blocked', story_id, reason: 'why' };
}

const where = { tier: TierId.parse('host'), version: Version.parse('1.0.0'), gate: GateId.parse('unit_tests') };

export function gateStart(run_id: number): Event {
  return { kind: 'gate_start', run_id: RunId.parse(run_id), ...where };
}

export function gateDone(run_id: number, status: 'passed' | 'blocked' = 'passed'): Event {
  return { kind: 'gate_done', run_id: RunId.parse(run_id), ...where, outcome: status === 'passed' ? { status } : { status, blockers: [] } };
}

/** What of a session's frames: `events 3-5`, `chunk 0-10`, `log_gap 10-90`, by name otherwise. */
export function gist(frame: FrameDown): string {
  switch (frame.type) {
    case 'events':
      return `events ${frame.after + 1}-${frame.upto}`;
    case 'chunk':
      return `chunk ${frame.chunk.offset ?? '?'}+${frame.chunk.bytes ?? '?'}`;
    case 'log_gap':
      return `log_gap ${frame.from}-${frame.to}`;
    case 'log_end':
      return `log_end ${frame.bytes}`;
    case 'lagged':
      return `lagged ${frame.skipped}`;
    case 'replayed':
      return `replayed ${frame.upto} ${frame.recovered}`;
    case 'snapshot':
      return `snapshot ${frame.seq_no}`;
    case 'error':
      return `error ${frame.code}`;
    case 'hello':
    case 'ping':
      return frame.type;
    default:
      return frame satisfies never;
  }
}
