/** Why a deploy went no further, and what is true of the node then, in words for the operator. */
import { Fenced } from './fence.ts';
import { because, errorCode } from './system_error.ts';
import type { RunEnd } from '../runner/port.ts';
import type { DeployFailure } from '../../src/shared/protocol/outcome.ts';

export type ToldFailure = DeployFailure & { message: string };

/** Thrown by a step, caught once by the transport. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly failure: ToldFailure;
  constructor(failure: ToldFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** @returns null when the restart script went well, or was aborted: then the job's signal tells. */
export function restartFailure(node: string, end: RunEnd): ToldFailure | null {
  switch (end.type) {
    case 'exit':
      return end.code === 0
        ? null
        : { type: 'command', code: end.code, message: `The restart script of ${node} ended with exit code ${end.code}.` };
    case 'signal':
      return { type: 'command', signal: end.name, message: `The restart script of ${node} was ended by ${end.name}.` };
    case 'timeout':
      return { type: 'timeout', after_s: end.after_s, message: `The restart script of ${node} did not end within ${end.after_s} s.` };
    case 'spawn':
      return { type: 'command', message: `The restart script of ${node} could not start: ${end.message.replace(/[\s.]+$/, '')}.` };
    case 'aborted':
      return null;
    default:
      return end satisfies never;
  }
}

/** How far a deploy came. */
export interface Standing {
  node: string;
  version: string;
  /** What `current` named before; null when there was none, undefined when that could not be read. */
  before: string | null | undefined;
  left: 'unreached' | 'untouched' | 'copied' | 'switched' | 'restarted';
}

export function whatIsLeft({ node, version, before, left }: Standing): string {
  const old =
    before === undefined ? 'What it runs is not known.' : before === null ? 'It had no release before.' : `It still runs ${before}.`;
  const perhaps = typeof before === 'string' ? `, so ${before} may still run` : '';
  switch (left) {
    case 'unreached':
      return `${node} was not changed.`;
    case 'untouched':
      return `${node} was not changed. ${old}`;
    case 'copied':
      return `${node} holds the files of ${version}, but was not switched to it. ${old}`;
    case 'switched':
      return `current of ${node} is ${version}; the restart is not known to have worked${perhaps}.`;
    case 'restarted':
      return `current of ${node} is ${version}, and the restart worked; its health is not known to be good.`;
    default:
      return left satisfies never;
  }
}

export function tooSlow({ node, left }: Standing, limit_ms: number): ToldFailure {
  const after_s = limit_ms / 1000;
  const message =
    left === 'untouched' || left === 'unreached'
      ? `The copy to ${node} did not end within ${after_s} s.`
      : `Another deploy has held ${node} for longer than ${after_s} s.`;
  return { type: 'timeout', after_s, message };
}

export function failureOf(error: unknown, { node, version, left }: Standing): ToldFailure {
  if (error instanceof StepFailed) return error.failure;
  if (error instanceof Fenced) return { type: 'fenced', message: error.message };
  const code = errorCode(error);
  const step =
    left === 'untouched' || left === 'unreached' ? { type: 'transfer', done: 'copied to' } : { type: 'activate', done: 'made current on' };
  return {
    type: step.type,
    ...(code === null ? {} : { code }),
    message: `${version} could not be ${step.done} ${node}: ${because(error)}.`,
  };
}
