import { describe, expect, it } from 'vitest';
import { askedOf, checkOrigin, type Asked, type Ours } from './origin.ts';

const local: Ours = { publicUrl: null, port: 7766 };
const proxied: Ours = { publicUrl: 'https://signalbox.example.com', port: 7766 };
const ask = (fields: Partial<Asked> = {}): Asked => ({
  method: 'POST',
  host: '127.0.0.1:7766',
  origin: undefined,
  secFetchSite: undefined,
  secFetchMode: undefined,
  secFetchDest: undefined,
  ...fields,
});
const status = (fields: Partial<Asked>, ours = local): number | undefined => checkOrigin(ask(fields), ours)?.status;

describe('Host', () => {
  it.each(['127.0.0.1:7766', '127.8.4.2:7766', 'localhost:7766', 'LOCALHOST:7766', '[::1]:7766'])('%s is ours', (host) => {
    expect(status({ host })).toBeUndefined();
  });
  it.each([
    undefined,
    '',
    'evil.example:7766',
    'localhost',
    'localhost:80',
    '127.0.0.1:7767',
    '127.0.0.1.evil.example:7766',
    'localhost.evil.example:7766',
    'evil.example',
    'user@localhost:7766',
    'localhost:7766, evil.example',
    '[::2]:7766',
    '128.0.0.1:7766',
    'signalbox.example.com',
  ])('%s is refused with 421', (host) => {
    expect(status({ host })).toBe(421);
  });
  it('takes the host of public_url, with and without the port of its scheme', () => {
    expect(status({ host: 'signalbox.example.com' }, proxied)).toBeUndefined();
    expect(status({ host: 'signalbox.example.com:443' }, proxied)).toBeUndefined();
    expect(status({ host: 'signalbox.example.com:80' }, proxied)).toBe(421);
    expect(status({ host: 'signalbox.example.com:7766' }, proxied)).toBe(421);
  });
  it('knows the port of plain http that a browser leaves out', () => {
    expect(checkOrigin(ask({ host: 'localhost' }), { publicUrl: null, port: 80 })).toBeNull();
  });
});

describe('Origin', () => {
  it('may be absent: curl and hooks send none', () => {
    expect(status({})).toBeUndefined();
  });
  it('is ours when it is the address the request was sent to', () => {
    expect(status({ origin: 'http://127.0.0.1:7766' })).toBeUndefined();
    expect(status({ host: 'localhost:7766', origin: 'http://localhost:7766' })).toBeUndefined();
  });
  it.each([
    'http://127.0.0.1:5173',
    'http://127.0.0.1',
    'https://127.0.0.1:7766',
    'http://127.0.0.2:7766',
    'http://localhost:7766',
    'http://evil.example',
    'null',
    '',
    'http://127.0.0.1:7766, http://evil.example',
  ])('%s is refused with 403', (origin) => {
    expect(status({ origin })).toBe(403);
  });
  it('takes that of public_url, whose scheme counts, also when a proxy rewrote Host', () => {
    expect(status({ host: 'signalbox.example.com', origin: 'https://signalbox.example.com' }, proxied)).toBeUndefined();
    expect(status({ origin: 'https://signalbox.example.com' }, proxied)).toBeUndefined();
    expect(status({ host: 'signalbox.example.com', origin: 'http://signalbox.example.com' }, proxied)).toBe(403);
  });
});

describe('Sec-Fetch-Site', () => {
  it('same-origin passes for any method', () => {
    expect(status({ secFetchSite: 'same-origin', secFetchMode: 'cors' })).toBeUndefined();
  });
  it('none passes for navigations only', () => {
    expect(status({ method: 'GET', secFetchSite: 'none', secFetchMode: 'navigate', secFetchDest: 'document' })).toBeUndefined();
    expect(status({ method: 'GET', secFetchSite: 'none', secFetchMode: 'no-cors' })).toBe(403);
  });
  it.each(['cross-site', 'same-site'])('%s is refused, without an Origin too', (secFetchSite) => {
    expect(status({ method: 'GET', secFetchSite, secFetchMode: 'no-cors', secFetchDest: 'image' })).toBe(403);
    expect(status({ method: 'GET', secFetchSite, secFetchMode: 'websocket' })).toBe(403);
    expect(status({ method: 'POST', secFetchSite, secFetchMode: 'cors' })).toBe(403);
    expect(status({ method: 'GET', secFetchSite })).toBe(403);
  });
  it('lets a link clicked on another site open a page, but no form, frame or HEAD', () => {
    const link = { method: 'GET', secFetchSite: 'cross-site', secFetchMode: 'navigate', secFetchDest: 'document' };
    expect(status(link)).toBeUndefined();
    expect(status({ ...link, method: 'POST' })).toBe(403);
    expect(status({ ...link, method: 'HEAD' })).toBe(403);
    expect(status({ ...link, secFetchDest: 'iframe' })).toBe(403);
  });
});

it('joins a header that came twice, so that it is nobody', () => {
  const asked = askedOf('POST', { host: '127.0.0.1:7766', origin: ['http://127.0.0.1:7766', 'http://evil.example'] });
  expect(checkOrigin(asked, local)?.status).toBe(403);
});
