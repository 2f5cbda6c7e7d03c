/**
 * Typed errors of the server: a closed list of codes with one table to HTTP statuses. A refusal is an answer, not one of these.
 * Anything that is not a `Failure` is `internal`: its details go to the log, never to the user.
 */
export const HTTP_STATUS = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  log_deleted: 410,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  misdirected: 421,
  unprocessable: 422,
  pattern_invalid: 422,
  pattern_too_slow: 422,
  too_many: 429,
  internal: 500,
  unavailable: 503,
  /** Nobody can say yet whether it was recorded. */
  in_doubt: 503,
  storage_full: 507,
} as const;

/** When `too_many` and `unavailable` may be tried again. */
export const COME_BACK_S = 1;

export type FailureCode = keyof typeof HTTP_STATUS;

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** @param message one sentence that the user may see. */
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
