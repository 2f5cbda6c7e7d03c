/** A run's log in another form than it was written in: without what only a terminal understands, or packed. Made as it is sent, and as fast as it is taken. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import { plainStream } from '../../src/shared/output/plain_stream.ts';
import type { LogStore } from '../logstore/port.ts';
import { endUntaken } from './end_untaken.ts';
import { logFileName, statOf } from './run_log.ts';

/** Its length is not known before it is made, so it has none, and takes no range. */
export async function sendLogForm(
  logs: Pick<LogStore, 'stat' | 'bytes'>,
  run_id: number,
  { form, download }: { form: 'plain' | 'gzip'; download: boolean },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { meta, bytes: size } = await statOf(logs, run_id);
  const [type, ending] = form === 'gzip' ? ['application/gzip', 'log.gz'] : ['text/plain; charset=utf-8', 'txt'];
  const name = logFileName(meta, ending);
  void reply
    .header('content-type', type)
    .header('accept-ranges', 'none')
    .header('cache-control', 'no-store')
    .header('content-disposition', download || form === 'gzip' ? `attachment; filename="${name}"` : 'inline');
  endUntaken(reply);
  return reply.send(form === 'gzip' ? packed(logs, run_id, size) : plain(logs, run_id, size));
}

function plain(logs: Pick<LogStore, 'bytes'>, run_id: number, size: number): Readable {
  const read = (from: number, to: number): AsyncIterable<Buffer> => logs.bytes(run_id, from, to) as Readable;
  return Readable.from(plainStream(read, 0, size), { objectMode: false });
}

function packed(logs: Pick<LogStore, 'bytes'>, run_id: number, size: number): Readable {
  const gzip = createGzip();
  // Either end that breaks off ends the other; the error itself is the reply's, which sees it on this stream.
  pipeline(logs.bytes(run_id, 0, size), gzip).catch((error: unknown) => gzip.destroy(error instanceof Error ? error : undefined));
  return gzip;
}
