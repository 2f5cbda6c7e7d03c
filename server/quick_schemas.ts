/**
 * Has zod generate code for the schemas of envelopes: the same answers for a tenth of the time. Imported for what it does, by the rooms that
 * check each event that is written or read; the page does without, because its content security policy forbids generated code.
 */
import { compile } from 'zod/mini';
import { quickenEnvelopes } from '../src/shared/protocol/envelope.ts';

quickenEnvelopes(compile);
