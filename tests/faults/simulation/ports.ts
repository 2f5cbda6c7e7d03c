/** What the people and pages of a simulated world know of the server and of who watches over them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { State } from '../../../src/shared/fold/state.ts';
import type { Answer, Command } from '../../../src/shared/protocol/commands.ts';
import type { Envelope } from '../../../src/shared/protocol/envelope.ts';
import type { Owner } from './schedule.ts';
import type { Wire } from './wire.ts';

/** Where links and requests go. */
export interface Door {
  /** All links there ever were in this world. */
  readonly wires: Set<Wire>;
  /** Null while no server listens. */
  upgrade(): ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | null;
  /** Null while no server listens. */
  submit(): { life: Owner; submit: (command: Command, actor: string, key: string) => Promise<Answer> } | null;
  /** Number of the last event that is stored. */
  head(): number;
  /** Bytes [from, to) of a run's log, decoded. */
  log(run_id: number, from: number, to: number): string;
}

export interface ViewerChecks {
  violated(what: string): void;
  given(viewer: string, item: Envelope): void;
  snapshot(viewer: string, state: State): void;
}
