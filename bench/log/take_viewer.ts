/** Somebody who watches one run's log, in a process of its own: counts what comes, and says when it is all there. */
import * as z from 'zod/mini';

const [port = '', run_id = ''] = process.argv.slice(2);
const Came = z.looseObject({ type: z.string() });
let chars = 0;
let gaps = 0;
const socket = new WebSocket(`ws://127.0.0.1:${port}/events`, 'signalbox.v1');

socket.addEventListener('open', () => {
  socket.send(JSON.stringify({ type: 'resume', epoch: null, after: null, id: null }));
  socket.send(JSON.stringify({ type: 'watch', run_id: Number(run_id), offset: 0 }));
  process.send?.({ type: 'ready' });
});
socket.addEventListener('message', ({ data }) => {
  const text = String(data);
  if (text.startsWith('{"type":"chunk"')) {
    chars += text.length;
    return;
  }
  const { type } = Came.parse(JSON.parse(text));
  if (type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
  if (type === 'log_gap') gaps++;
  if (type === 'log_end') {
    process.send?.({ type: 'all', chars, gaps });
    socket.close();
    process.disconnect();
  }
});
