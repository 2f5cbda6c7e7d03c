/** Joins the parts of a snapshot. A part that does not follow the one before is refused, a text that is not a state is a `CodecError`; neither is ever half a state. */
import { EMPTY_STATE, type State } from '../shared/fold/state.ts';
import { CodecError } from '../shared/protocol/codec.ts';
import type { FrameDownOf } from '../shared/protocol/frames.ts';

type Part = FrameDownOf<'snapshot'>;

export class SnapshotAssembly {
  #texts: string[] = [];
  #first: Part | null = null;

  /** @returns the state once the last part is in, null before, `lost` when a part before this one is missing. @throws CodecError */
  add(part: Part): State | null | 'lost' {
    if (part.part === 1) {
      this.#first = part;
      this.#texts = [];
    }
    const first = this.#first;
    if (
      first === null ||
      part.part !== this.#texts.length + 1 ||
      part.of !== first.of ||
      part.seq_no !== first.seq_no ||
      part.epoch !== first.epoch
    ) {
      this.reset();
      return 'lost';
    }
    this.#texts.push(part.text);
    if (part.part < part.of) return null;
    const text = this.#texts.join('');
    this.reset();
    return readState(text, part.seq_no);
  }

  /** The link was replaced: the parts that were still to come will not. */
  reset(): void {
    this.#first = null;
    this.#texts = [];
  }
}

/** The state has no schema of its own: server and page are of one `fold_version`, which `hello` has checked. This only refuses what is no state at all. */
function readState(text: string, seq_no: number): State {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CodecError('the snapshot is not JSON', { cause });
  }
  if (!isState(value)) throw new CodecError('the snapshot is not a state');
  if (value.seq_no !== seq_no) throw new CodecError(`the snapshot is at ${value.seq_no}, its frame says ${seq_no}`);
  return value;
}

function isState(value: unknown): value is State {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const complete = Object.keys(EMPTY_STATE).every((key) => key in fields);
  return complete && typeof fields['seq_no'] === 'number' && Array.isArray(fields['projects']) && Array.isArray(fields['activity']);
}
