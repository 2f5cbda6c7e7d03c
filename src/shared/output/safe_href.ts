/**
 * Which addresses in output become links: whole http and https ones without a name or password in them. Everything else that calls itself a link stays
 * text: `javascript:` and `data:` act in this page, other schemes start programs, credentials are there to make one host look like another.
 */

/** UTF-16 units; what other programs take in a link, about. */
export const HREF_MAX = 2_083;

interface Url {
  username: string;
  password: string;
  host: string;
  href: string;
}
/** Both sides have it, but neither side's types are to be had here. */
declare const URL: { new (text: string): Url; canParse(text: string): boolean };

/** @returns the address as a browser reads it, or null. */
export function safeHref(text: string): string | null {
  if (text.length > HREF_MAX || !WEB.test(text) || CONTROL_OR_SPACE.test(text) || !URL.canParse(text)) return null;
  const { username, password, href } = new URL(text);
  return username !== '' || password !== '' || href.length > HREF_MAX ? null : href;
}

const WEB = /^https?:\/\//iu;
/** A URL parser would leave some of them out, and what is read here would not be what was written. */
const CONTROL_OR_SPACE = /[\u0000-\u0020\u007f-\u009f]/u;

/** Where a link leads, for people to see: host and port, other scripts in their ASCII form. @param href what `safeHref` gave. */
export function linkHost(href: string): string {
  return URL.canParse(href) ? new URL(href).host : '';
}
