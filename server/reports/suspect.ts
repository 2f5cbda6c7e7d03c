/** Signs in the output that the machine failed, not the code. Only the last lines count: what a program survived did not end it. */

/** No code can help it: no room, no memory, no handles, a broken disk. */
const EXHAUSTED = [
  /\bENOSPC\b|no space left on device/i,
  /\bEDQUOT\b|disk quota exceeded/i,
  /\bENOMEM\b|cannot allocate memory/i,
  /\bout of memory: killed process|oom-?kill/i,
  /\b(?:EMFILE|ENFILE)\b|too many open files/i,
  /fork: (?:retry|resource temporarily unavailable)/i,
  /\bEROFS\b|read-only file system/i,
  /\bEIO\b|input\/output error/i,
];

/** The world outside was not there. */
const UNREACHABLE = [
  /\bEAI_AGAIN\b|getaddrinfo ENOTFOUND|temporary failure in name resolution|could not resolve host/i,
  /\b(?:ENETUNREACH|EHOSTUNREACH)\b|network is unreachable|no route to host/i,
  /\b(?:ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b|connection timed out|tls handshake timeout|dial tcp .*i\/o timeout/i,
  /\bECONNRESET\b|connection reset by peer|the remote end hung up unexpectedly/i,
  /\bECONNREFUSED\b|connection refused/i,
  /npm (?:error|ERR!) network/i,
  /\b(?:502 bad gateway|503 service unavailable|504 gateway timeout)\b/i,
];

/** What the run itself should have started. */
const ITSELF = /127\.0\.0\.1|localhost|::1/;

export const SIGNS_LAST_LINES = 200;

export function saysExhausted(lines: readonly string[]): boolean {
  return lines.slice(-SIGNS_LAST_LINES).some((line) => EXHAUSTED.some((sign) => sign.test(line)));
}

export function saysUnreachable(lines: readonly string[]): boolean {
  return lines.slice(-SIGNS_LAST_LINES).some((line) => !ITSELF.test(line) && UNREACHABLE.some((sign) => sign.test(line)));
}
