/**
 * One health request. A fresh connection each time: a kept one could still end at the process that was just replaced. An expectation must be met by
 * a 2xx answer, and a version in it as a whole: 1.0.0+g3f2a91c is not confirmed by an old process that answers 1.0.0+g3f2a91c.2.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Answered, Health, Probe } from './port.ts';
import { because, errorCode } from './system_error.ts';

/** Longest wait for one answer; a health check asks again until its own time is up. */
const ANSWER_LIMIT_MS = 5_000;
/** Of a longer body only the beginning is read; a health answer is a line. */
const BODY_LIMIT_BYTES = 65_536;
const SHOWN_CHARACTERS = 160;

export const httpProbe: Probe = async (health, signal) => {
  const limit = Math.min(health.timeout_ms, ANSWER_LIMIT_MS);
  let answer: { status: number; body: string };
  try {
    answer = await ask(health.http, AbortSignal.any([signal, AbortSignal.timeout(limit)]));
  } catch (error) {
    return { status: 'unreachable', detail: reason(error, health, limit, signal) };
  }
  return judge(answer, health);
};

function judge({ status, body }: { status: number; body: string }, { expect, masked = (text) => text }: Health): Answered {
  const good = status >= 200 && status < 300;
  if (good && expect === undefined) return { status: 'answers', detail: String(status) };
  if (good && expect !== undefined && mentions(body, expect)) return { status: 'matching', detail: `${status}, ${expect} as expected` };
  // Before it is cut: half a secret would not be known for one.
  const told = masked(body);
  const shown = told.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const clipped = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
  return { status: 'differs', detail: clipped === '' ? `${status}, empty` : `${status}, ${clipped}`, body: told };
}

/** Whether the text holds `wanted` and not merely the beginning or the end of a longer number or version. */
export function mentions(text: string, wanted: string): boolean {
  const startsAsNumber = /^\d/.test(wanted);
  const endsAsWord = /[0-9A-Za-z]$/.test(wanted);
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    const longerBefore = startsAsNumber && /\d\.?$/.test(text.slice(Math.max(0, at - 2), at));
    const longerAfter = endsAsWord && /^(?:[0-9A-Za-z]|[.+-][0-9A-Za-z])/.test(text.slice(at + wanted.length, at + wanted.length + 2));
    if (!longerBefore && !longerAfter) return true;
  }
  return false;
}

function ask(address: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const url = new URL(address);
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = request(url, { agent: false, signal, headers: { accept: '*/*', 'user-agent': 'signalbox' } }, (response) => {
      const status = response.statusCode ?? 0;
      const parts: Buffer[] = [];
      let bytes = 0;
      const finish = (): void => resolve({ status, body: Buffer.concat(parts).toString('utf8') });
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes <= BODY_LIMIT_BYTES) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found',
  EHOSTUNREACH: 'host not reachable',
  ENETUNREACH: 'network not reachable',
  ETIMEDOUT: 'connection timed out',
  ERR_INVALID_URL: 'not an address',
  ERR_INVALID_PROTOCOL: 'not an http or https address',
};

function reason(error: unknown, { http }: Health, limit_ms: number, signal: AbortSignal): string {
  if (signal.aborted) return `${http}: stopped while asking`;
  const code = errorCode(error);
  if (code === 'ABORT_ERR' || (error instanceof Error && error.name === 'TimeoutError'))
    return `${http}: no answer within ${limit_ms / 1000} s`;
  return `${http}: ${(code === null ? undefined : CONNECTION[code]) ?? because(error)}`;
}
