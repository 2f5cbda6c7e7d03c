/** What is answered when no request came to be, so that there is no reply to answer with. */
import { maxHeaderSize, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problem, PROBLEM_TYPE, type Problem } from './problem.ts';

/** For the `clientError` event of a server. Ends the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (socket.writable && error.code !== 'ECONNRESET' && !hasBegun(socket)) socket.write(inBytes(problemOf(error.code)));
  socket.end(() => socket.destroy());
}

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': {
      const detail = `The headers are larger than the ${maxHeaderSize / 1024} KiB that are taken. Clear the cookies of this host.`;
      return problem(431, 'headers_too_large', detail);
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem(408, 'timeout', 'The request did not come as a whole in time.');
    default:
      return problem(400, 'malformed', 'This is not an HTTP request.');
  }
}

/** Another answer in the middle of this one would be taken for a part of it. Node keeps it on the socket, and tells of it nowhere else. */
function hasBegun(socket: Duplex): boolean {
  return '_httpMessage' in socket && socket._httpMessage instanceof ServerResponse && socket._httpMessage.headersSent;
}

function inBytes(answer: Problem): string {
  const body = JSON.stringify(answer);
  const headers = `content-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  return `HTTP/1.1 ${answer.status} ${answer.title}\r\n${headers}\r\n\r\n${body}`;
}
