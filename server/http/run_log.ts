/** A run's log as bytes: whole, a range, or a download. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../failure.ts';
import type { LogMeta, LogStat, LogStore } from '../logstore/port.ts';
import { endUntaken } from './end_untaken.ts';
import { problem, ProblemError, sendProblem } from './problem.ts';
import { parseRange } from './range.ts';

/** @throws Failure `not_found`; ProblemError `log_deleted`, with what is left of it. */
export async function statOf(logs: Pick<LogStore, 'stat'>, run_id: number): Promise<LogStat> {
  const stat = await logs.stat(run_id);
  if (stat === null) throw new Failure('not_found', `Run ${run_id} has no log.`);
  if (stat.deleted) {
    const { at_ms, why, bytes, sha256 } = stat.deleted;
    throw new ProblemError(problem(410, 'log_deleted', why, { title: 'Log deleted', deleted_at: at_ms, bytes, sha256 }));
  }
  return stat;
}

/** @param part first byte and the one after the last, of a part that is a file of its own. */
export function logFileName({ project, type, run_id }: LogMeta, ending: string, part: { from: number; to: number } | null = null): string {
  return `${project}-${type}-${run_id}${part === null ? '' : `-bytes-${part.from}-${part.to}`}.${ending}`.replace(/[^A-Za-z0-9._-]/g, '_');
}

/** Content is what the children wrote: sent as text with `nosniff`, so that no browser takes it for a page. */
export async function sendLog(
  logs: Pick<LogStore, 'stat' | 'bytes'>,
  run_id: number,
  { download, part }: { download: boolean; part: { from?: number | undefined; to?: number | undefined } },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { meta, bytes: size, closed } = await statOf(logs, run_id);
  // A part in the address is a thing of its own, sent whole; a range of it is not worth having.
  const asked = part.from !== undefined || part.to !== undefined;
  const range = asked ? null : parseRange(request.headers.range, size);
  if (range === 'unsatisfiable' || (part.from ?? 0) > size) {
    reply.header('content-range', `bytes */${size}`);
    return sendProblem(reply, problem(416, 'range_not_satisfiable', `The log has ${size} bytes${closed ? '' : ' so far'}.`));
  }
  const from = range?.from ?? part.from ?? 0;
  const to = Math.min(range?.to ?? part.to ?? size, size);
  const name = logFileName(meta, 'log', asked ? { from, to } : null);
  void reply
    .code(range === null ? 200 : 206)
    .header('content-type', 'text/plain; charset=utf-8')
    .header('content-length', to - from)
    .header('accept-ranges', asked ? 'none' : 'bytes')
    .header('cache-control', 'no-store')
    .header('content-disposition', download ? `attachment; filename="${name}"` : 'inline');
  if (range !== null) reply.header('content-range', `bytes ${from}-${to - 1}/${size}`);
  endUntaken(reply);
  return reply.send(from === to ? '' : logs.bytes(run_id, from, to));
}
