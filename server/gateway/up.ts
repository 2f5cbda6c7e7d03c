/** What a client may say, or why it cannot be read. */
import { CodecError, decodeFrameUp } from '../../src/shared/protocol/codec.ts';
import type { FrameUp } from '../../src/shared/protocol/frames.ts';

export type Up = { type: 'frame'; frame: FrameUp } | { type: 'bad'; message: string };

const MESSAGE_LENGTH = 300;

/** @param text null for a binary message. */
export function readUp(text: string | null): Up {
  if (text === null) return { type: 'bad', message: 'Frames are text.' };
  try {
    return { type: 'frame', frame: decodeFrameUp(text) };
  } catch (error) {
    if (error instanceof CodecError) return { type: 'bad', message: error.message.slice(0, MESSAGE_LENGTH) };
    throw error;
  }
}
