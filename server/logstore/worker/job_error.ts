/** How a job ended that gave no answer through no fault of what it was asked. */
export class JobError extends Error {
  override readonly name = 'JobError';
  /** `stuck`: guarded work did not move, and the thread was ended. `crashed`: the thread ended by itself, e.g. out of memory. */
  readonly code: 'stuck' | 'crashed';
  constructor(code: JobError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
