/** The AsyncAPI document of the WebSocket at `/events`, made from the frames' own schemas. */
import { FrameDown, FrameUp, SUBPROTOCOL } from '../../src/shared/protocol/frames.ts';
import { PROTOCOL_VERSION } from '../../src/shared/protocol/version.ts';
import { jsonSchema } from './openapi.ts';

export function asyncapi(): object {
  const messages: Record<string, object> = {
    ...Object.fromEntries(
      FrameDown.def.options.map((frame): [string, object] => [
        frame.shape.type.def.values[0] ?? '',
        { payload: jsonSchema(frame, 'input') },
      ]),
    ),
    ...Object.fromEntries(
      FrameUp.def.options.map((frame): [string, object] => [frame.shape.type.def.values[0] ?? '', { payload: jsonSchema(frame, 'input') }]),
    ),
  };
  const refs = (frames: readonly { shape: { type: { def: { values: readonly string[] } } } }[]): object[] =>
    frames.map(({ shape }) => ({ $ref: `#/channels/events/messages/${shape.type.def.values[0] ?? ''}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Signalbox live events',
      version: String(PROTOCOL_VERSION),
      description: `Subprotocol ${SUBPROTOCOL}. Without it every envelope and every log chunk is one JSON text frame.`,
    },
    channels: { events: { address: '/events', messages } },
    operations: {
      down: { action: 'send', channel: { $ref: '#/channels/events' }, messages: refs(FrameDown.def.options) },
      up: { action: 'receive', channel: { $ref: '#/channels/events' }, messages: refs(FrameUp.def.options) },
    },
  };
}
