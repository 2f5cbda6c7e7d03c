/**
 * The one guard before every request and every upgrade. Its invariant: nothing runs for a caller that reached us under a stranger's name
 * (DNS rebinding) or from a stranger's page (forged requests). Without it any web page the operator visits could promote and roll back,
 * because a browser on this machine may always talk to loopback. It refuses to know who is asking; that is the Authenticator's work.
 */

export interface Asked {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  secFetchSite: string | undefined;
  secFetchMode: string | undefined;
  secFetchDest: string | undefined;
}

export interface Ours {
  /** The config's `public_url`. */
  publicUrl: string | null;
  /** The port we listen on. */
  port: number;
}

export interface GuardRefusal {
  status: 403 | 421;
  code: 'forbidden' | 'misdirected';
  message: string;
}

const HTTP_PORT = 80;
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
const LOOPBACK_V4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** The fields of a request that the guard judges, from Node's lower-case headers. */
export function askedOf(method: string, headers: Readonly<Record<string, string | string[] | undefined>>): Asked {
  // A header that came twice is joined, so that it matches nothing of ours instead of being judged by one of its values.
  const one = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return {
    method,
    host: one('host'),
    origin: one('origin'),
    secFetchSite: one('sec-fetch-site'),
    secFetchMode: one('sec-fetch-mode'),
    secFetchDest: one('sec-fetch-dest'),
  };
}

/** @returns null when the request may go on, or why not. Pure. */
export function checkOrigin(asked: Asked, ours: Ours): GuardRefusal | null {
  const host = asked.host?.toLowerCase() ?? '';
  const publicAddress = ours.publicUrl === null ? null : new URL(ours.publicUrl);
  if (!isOurLoopback(host, ours.port) && !isPublic(host, publicAddress)) {
    return {
      status: 421,
      code: 'misdirected',
      message: 'This server does not answer under that host name. Use its loopback address, or set public_url in the config.',
    };
  }
  if (asked.origin !== undefined && !isOurOrigin(asked.origin.toLowerCase(), host, publicAddress)) {
    return {
      status: 403,
      code: 'forbidden',
      message: 'The request came from a page that is not ours. Open Signalbox itself and try there.',
    };
  }
  if (!isOurSite(asked)) {
    return {
      status: 403,
      code: 'forbidden',
      message: 'The browser says that another site sent this request. Open Signalbox itself and try there.',
    };
  }
  return null;
}

function isOurLoopback(host: string, port: number): boolean {
  const parts = AUTHORITY.exec(host);
  if (parts === null) return false;
  const [, name = '', given] = parts;
  if (Number(given ?? HTTP_PORT) !== port) return false;
  return name === 'localhost' || name === '[::1]' || LOOPBACK_V4.test(name);
}

function isPublic(host: string, address: URL | null): boolean {
  if (address === null || host === '') return false;
  // `URL.host` leaves out the scheme's own port; a client may name it.
  const named = address.port === '' ? `${address.hostname}:${address.protocol === 'https:' ? 443 : HTTP_PORT}` : address.host;
  return host === address.host || host === named;
}

/**
 * Ours is the very address the request was sent to, or public_url's (a proxy may rewrite Host). Not "any loopback address with our port":
 * when we listen on 127.0.0.1 only, 127.0.0.2 with the same port can be somebody else's server.
 */
function isOurOrigin(origin: string, host: string, address: URL | null): boolean {
  if (address !== null && origin === address.origin.toLowerCase()) return true;
  return !isPublic(host, address) && origin === `http://${host}`;
}

/**
 * `same-origin` is our own page. `none` is the person: an address typed, a bookmark. A link clicked in a chat or a mail program's web page
 * arrives as `cross-site` (or `same-site`, from another port of localhost) although the person did it, so a top-level GET navigation is let
 * through from anywhere: no GET of ours changes anything, the other page cannot read the answer, and framing is forbidden.
 */
function isOurSite(asked: Asked): boolean {
  if (asked.secFetchSite === undefined || asked.secFetchSite === 'same-origin') return true;
  if (asked.secFetchMode !== 'navigate') return false;
  if (asked.secFetchSite === 'none') return true;
  return asked.method === 'GET' && asked.secFetchDest === 'document';
}
