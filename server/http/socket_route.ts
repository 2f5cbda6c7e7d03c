/** The address of the WebSocket, asked for without the upgrade: those with it never come here. */
import { problem, sendProblem } from './problem.ts';
import { route } from './route.ts';

export const socketRoute = route({
  method: 'GET',
  path: '/events',
  id: 'events_socket',
  summary: 'The WebSocket that /api/v1/asyncapi.json describes. 426 without an upgrade.',
  answers: {},
  answer: ({ reply }) =>
    sendProblem(
      reply.header('upgrade', 'websocket').header('connection', 'upgrade'),
      problem(426, 'upgrade_required', 'This is a WebSocket. Without one, read /api/v1/events or /api/v1/events/stream.'),
    ),
});
