/** The address of the page, and how to go elsewhere without a reload. Any place is a link: clicks on ordinary same-origin links are taken over. */
import type { RouteView } from './context.ts';
import { PANEL_PATH, placeOf, type Place } from './paths.ts';

/** Addresses the server answers itself. */
const SERVER_PATHS = /^\/(?:api|events|healthz|readyz|version|metrics|assets)(?:\/|$)/;

export class Route implements RouteView {
  #path = $state.raw('/');
  readonly #place: Place = $derived(placeOf(this.#path));
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
    this.#path = window.location.pathname;
  }

  get path(): string {
    return this.#path;
  }

  get place(): Place {
    return this.#place;
  }

  go(path: string): void {
    if (path === this.#path) return;
    this.#window.history.pushState({ inside: true }, '', path + this.#kept());
    this.#path = path;
    this.#window.scrollTo(0, 0);
  }

  /** Where the reader came from, or the panel when they came from elsewhere. */
  back(): void {
    const state: unknown = this.#window.history.state;
    if (typeof state === 'object' && state !== null && 'inside' in state) this.#window.history.back();
    else this.go(PANEL_PATH);
  }

  /** @returns its undo. */
  listen(): () => void {
    const onPop = (): void => void (this.#path = this.#window.location.pathname);
    const onClick = (event: MouseEvent): void => this.#takeOver(event);
    this.#window.addEventListener('popstate', onPop);
    this.#window.document.addEventListener('click', onClick);
    return () => {
      this.#window.removeEventListener('popstate', onPop);
      this.#window.document.removeEventListener('click', onClick);
    };
  }

  /** The wall screen stays one wherever it goes. */
  #kept(): string {
    const wall = new URLSearchParams(this.#window.location.search).get('wall');
    return wall === null ? '' : `?wall=${encodeURIComponent(wall)}`;
  }

  #takeOver(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== this.#window.location.origin) return;
    if (SERVER_PATHS.test(link.pathname) || (link.hash !== '' && link.pathname === this.#path)) return;
    event.preventDefault();
    this.go(link.pathname);
  }
}
