/** A run's log as bytes: whole, a range, or a download. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../failure.ts';
import type { LogStat, LogStore } from '../logstore/port.ts';
import { problem, sendProblem } from './problem.ts';
import { parseRange } from './range.ts';

/** @throws Failure `not_found`. */
export async function statOf(logs: Pick<LogStore, 'stat'>, run_id: number): Promise<LogStat> {
  const stat = await logs.stat(run_id);
  if (stat === null) throw new Failure('not_found', `Run ${run_id} has no log.`);
  return stat;
}

/** Content is what the children wrote: sent as text with `nosniff`, so that no browser takes it for a page. */
export async function sendLog(
  logs: Pick<LogStore, 'stat' | 'bytes'>,
  run_id: number,
  download: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { meta, bytes: size, closed } = await statOf(logs, run_id);
  const range = parseRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${size}`);
    return sendProblem(reply, problem(416, 'range_not_satisfiable', `The log has ${size} bytes${closed ? '' : ' so far'}.`));
  }
  const { from, to } = range ?? { from: 0, to: size };
  const name = `${meta.project}-${meta.type}-${run_id}.log`.replace(/[^A-Za-z0-9._-]/g, '_');
  void reply
    .code(range === null ? 200 : 206)
    .header('content-type', 'text/plain; charset=utf-8')
    .header('content-length', to - from)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'no-store')
    .header('content-disposition', download ? `attachment; filename="${name}"` : 'inline');
  if (range !== null) reply.header('content-range', `bytes ${from}-${to - 1}/${size}`);
  return reply.send(from === to ? '' : logs.bytes(run_id, from, to));
}
