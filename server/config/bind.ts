/** Where the server may listen. Without sign-in anybody who reaches it can deploy, so it is reachable from this machine only. */
import { isIPv4 } from 'node:net';
import { ConfigError } from './config.ts';

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

/** @throws ConfigError when the host can be reached from elsewhere. */
export function assertPrivateBind(host: string): void {
  if (isLoopback(host)) return;
  throw new ConfigError(
    `Signalbox does not listen on ${host}: this version has no sign-in, so everybody on that network could deploy. ` +
      'Listen on 127.0.0.1 and reach it through an ssh tunnel, or through a proxy that asks who is there (then set public_url).',
  );
}
