/**
 * A viewer that speaks `signalbox.v1`. Its invariant: what the client has folded is the log up to a number it knows, without a hole; each
 * batch begins where the last one ended. Broken, a panel would look live and be wrong. It says hello, waits for `resume`, sends the missing
 * events or a snapshot, then live batches; who falls out of the ring is told how many it missed and is healed on the same connection. It
 * never keeps events for a viewer: the ring, the log and one number are all there is.
 */
import { FOLD_VERSION } from '../../src/shared/fold/state.ts';
import { CLOSE } from '../../src/shared/protocol/close_codes.ts';
import { encodeFrame } from '../../src/shared/protocol/codec.ts';
import type { FrameDown, FrameDownOf, FrameUp } from '../../src/shared/protocol/frames.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import { instant } from '../clock.ts';
import { catchUp } from './catch_up.ts';
import { EventFeed } from './event_feed.ts';
import { Heartbeat } from './heartbeat.ts';
import { Lanes } from './lanes.ts';
import { BAD_FRAMES_PER_PING, MAX_WATCHED, OUTBOX_HIGH_BYTES, RESUME_WITHIN_MS, RESUMES_PER_PING } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { LogChange } from './open_logs.ts';
import { replayFrom, type ResumePoint } from './resume_point.ts';
import type { Session } from './session.ts';
import type { SocketPort } from './socket_port.ts';
import { readUp } from './up.ts';
import type { ViewerDeps } from './viewer_deps.ts';
import { textFrame } from './wire.ts';

type Phase = { type: 'awaiting_resume'; stopWaiting: () => void } | { type: 'following'; stop: AbortController } | { type: 'ended' };

export type HelloInfo = Pick<FrameDownOf<'hello'>, 'boot_id' | 'server_version' | 'capacity' | 'actor'>;

export class LiveSession implements Session {
  readonly #socket: SocketPort;
  readonly #deps: ViewerDeps;
  readonly #outbox: Outbox;
  readonly #lanes: Lanes;
  readonly #heartbeat = new Heartbeat();
  #phase: Phase;
  #badFrames = 0;
  #resumes = 0;

  constructor(socket: SocketPort, deps: ViewerDeps, { boot_id, server_version, capacity, actor }: HelloInfo) {
    const { clock, log, frames } = deps;
    this.#socket = socket;
    this.#deps = deps;
    this.#outbox = new Outbox(socket, deps.counters);
    this.#lanes = new Lanes({
      logs: deps.logs,
      outbox: this.#outbox,
      clock,
      print: (chunk) => frames.get(`chunk ${chunk.run_id} ${chunk.offset} ${chunk.bytes}`, () => encodeFrame({ type: 'chunk', chunk })),
      onGap: (run_id, from, to) => this.#onGap(run_id, from, to),
      onEnd: (run_id, bytes) => this.#say({ type: 'log_end', run_id, bytes }),
      onError: (run_id, error) => this.#onLogError(run_id, error),
    });
    this.#phase = {
      type: 'awaiting_resume',
      stopWaiting: clock.after(RESUME_WITHIN_MS, () => this.#close(CLOSE.no_resume, 'say resume')),
    };
    const { epoch, head, floor } = log.bounds();
    const versions = { protocol: PROTOCOL_VERSION, fold_version: FOLD_VERSION, server_version };
    this.#say({ type: 'hello', boot_id, epoch, head, floor, capacity, actor, ...versions, now: instant(clock.now()) });
  }

  receive(text: string | null): void {
    if (this.#phase.type === 'ended') return;
    if (!this.#heartbeat.heard()) return this.#bad('too_many_messages', 'That is too much at once.');
    const up = readUp(text);
    if (up.type === 'bad') this.#bad('bad_frame', up.message);
    else this.#obey(up.frame);
  }

  heard(): void {
    this.#heartbeat.heard();
  }

  tick(): void {
    // Before that, the wait for `resume` has a deadline of its own.
    if (this.#phase.type !== 'following') return;
    this.#resumes = 0;
    this.#badFrames = 0;
    const beat = this.#heartbeat.beat(this.#outbox);
    if (beat === 'silent') this.#deps.counters.closed_silent++;
    if (beat === 'stalled') this.#deps.counters.closed_stalled++;
    if (beat === 'alive') this.#ping();
    else this.#close(CLOSE[beat], beat);
  }

  logChanged({ run_id, bytes }: LogChange): void {
    this.#lanes.changed(run_id, bytes);
  }

  end(): void {
    const phase = this.#phase;
    this.#phase = { type: 'ended' };
    if (phase.type === 'awaiting_resume') phase.stopWaiting();
    if (phase.type === 'following') phase.stop.abort(new Error('the session has ended'));
    this.#lanes.close();
    this.#outbox.close();
  }

  #obey(frame: FrameUp): void {
    switch (frame.type) {
      case 'resume':
        return this.#resume(frame);
      case 'watch':
        return this.#watch(frame.run_id, frame.offset);
      case 'unwatch':
        return this.#lanes.drop(frame.run_id);
      case 'pong':
        return;
      default:
        return frame satisfies never;
    }
  }

  /** Said again it means that the client found a hole in what it was sent: it is believed, counted, and begun anew. */
  #resume(point: ResumePoint): void {
    if (this.#phase.type === 'awaiting_resume') this.#phase.stopWaiting();
    if (this.#phase.type === 'following') {
      if (++this.#resumes > RESUMES_PER_PING) return this.#bad('too_many_resumes', 'That is too often to begin anew.');
      this.#deps.counters.gaps++;
      this.#phase.stop.abort(new Error('the viewer begins anew'));
    }
    const stop = new AbortController();
    this.#phase = { type: 'following', stop };
    this.#follow(point, stop.signal).then(
      () => this.#close(CLOSE.going_away, 'the server shuts down'),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        this.#deps.report('the events of a viewer could not be read', error);
        this.#close(CLOSE.internal, 'the event log could not be read');
      },
    );
  }

  async #follow(point: ResumePoint, signal: AbortSignal): Promise<void> {
    const feed = new EventFeed(this.#deps, { voice: 'live', outbox: this.#outbox, lanes: this.#lanes, signal, upto: 0 });
    const from = await replayFrom(this.#deps.log, point);
    feed.upto = from ?? 0;
    await catchUp(this.#deps, feed, from !== null);
    await feed.run(async (missing) => {
      this.#deps.counters.lags++;
      this.#deps.counters.events_skipped += missing;
      this.#say({ type: 'lagged', at: instant(this.#deps.clock.now()), skipped: missing });
      await catchUp(this.#deps, feed, true);
    });
  }

  #watch(run_id: number, offset: number): void {
    if (this.#lanes.size < MAX_WATCHED || this.#lanes.has(run_id)) this.#lanes.open(run_id, offset);
    else this.#say({ type: 'error', code: 'too_many_watched', message: `At most ${MAX_WATCHED} logs can be watched at a time.`, run_id });
  }

  #ping(): void {
    const { recording, clock, frames } = this.#deps;
    const [head, now, viewers] = [recording.state().seq_no, instant(clock.now()), this.#deps.viewers()];
    // A viewer whose buffer is full hears enough.
    this.#outbox.offer(
      frames.get(`ping ${head} ${now} ${viewers}`, () => encodeFrame({ type: 'ping', head, now, viewers })),
      OUTBOX_HIGH_BYTES,
    );
  }

  #bad(code: string, message: string): void {
    this.#deps.counters.bad_frames++;
    if (++this.#badFrames > BAD_FRAMES_PER_PING) this.#close(CLOSE.protocol, 'too many frames that cannot be read');
    else this.#say({ type: 'error', code, message });
  }

  #onGap(run_id: number, from: number, to: number): void {
    this.#deps.counters.log_gaps++;
    this.#say({ type: 'log_gap', run_id, from, to });
  }

  #onLogError(run_id: number, error: unknown): void {
    this.#deps.report(`the log of run ${run_id} could not be read for a viewer`, error);
    this.#say({ type: 'error', code: 'log_unreadable', message: `The log of run ${run_id} cannot be read.`, run_id });
  }

  /** For small frames, which need not wait for room: each is bounded in number by something that is not the client's. */
  #say(frame: FrameDown): void {
    this.#outbox.write(textFrame(encodeFrame(frame)));
  }

  #close(code: number, reason: string): void {
    this.end();
    this.#socket.close(code, reason);
  }
}
