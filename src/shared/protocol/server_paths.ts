/** Addresses that the server answers itself, so that none of them is ever a place of the page. */
const SERVER_PATHS = /^\/(?:api|events|healthz|readyz|version|metrics|assets)(?:[/?]|$)/;

/** @param address a path, with `?…` or without. */
export function isServerPath(address: string): boolean {
  return SERVER_PATHS.test(address);
}
