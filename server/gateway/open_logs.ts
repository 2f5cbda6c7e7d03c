/** The logs that are being written now, so that a viewer who comes in the middle is shown the rest, and one who is there is shown all. */
import type { LogStore } from '../logstore/port.ts';

export interface LogChange {
  run_id: number;
  /** Bytes that can be read now. */
  bytes: number;
  /** The first that is heard of this log. */
  isNew: boolean;
}

export class OpenLogs {
  /** Bytes by run_id. */
  readonly bytes = new Map<number, number>();
  readonly #undo: () => void;

  constructor(logs: Pick<LogStore, 'onChange'>, listener: (change: LogChange) => void) {
    this.#undo = logs.onChange((run_id, { bytes, closed }) => {
      const isNew = !this.bytes.has(run_id);
      if (closed) this.bytes.delete(run_id);
      else this.bytes.set(run_id, bytes);
      listener({ run_id, bytes, isNew });
    });
  }

  /** Idempotent. */
  close(): void {
    this.#undo();
    this.bytes.clear();
  }
}
