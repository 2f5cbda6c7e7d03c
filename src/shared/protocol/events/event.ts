/** The union of all stored kinds, twice: strict for writers, loose for readers, who keep the fields they do not know. */
import type * as z from 'zod/mini';
import { buildEvents } from './build.ts';
import { deployEvents } from './deploy.ts';
import { gateEvents } from './gate.ts';
import { serverEvents } from './server.ts';

export const eventShapes = { ...buildEvents, ...gateEvents, ...deployEvents, ...serverEvents } as const;
export type EventShapes = typeof eventShapes;
export type Kind = keyof EventShapes;
export const KINDS = Object.keys(eventShapes) as Kind[];

type Simplify<T> = { [K in keyof T]: T[K] } & {};
/** One stored kind with its own fields. */
export type EventOf<K extends Kind> = Simplify<{ kind: K } & z.infer<z.ZodMiniObject<EventShapes[K]>>>;
/** A fact in the past tense, before it has its stamp. */
export type Event = { [K in Kind]: EventOf<K> }[Kind];
