/** NDJSON as it arrives. */
import { ApiError } from './http_json.ts';

/** @throws ApiError `no_answer` when it breaks off, `bad_answer` for a line that is not JSON. */
export async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new ApiError(0, 'no_answer', 'The answer broke off.', { cause });
      });
      const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line !== '') yield parsed(line);
      if (done) return;
    }
  } finally {
    // Who stops listening stops the server's work, too. Of an answer that broke off that is said already.
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ApiError(200, 'bad_answer', 'The server answered with something that is not JSON.', { cause });
  }
}
