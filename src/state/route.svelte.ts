/** The address of the page, and how to go elsewhere without a reload. Any place is a link: clicks on ordinary same-origin links are taken over. */
import { isServerPath } from '../shared/protocol/server_paths.ts';
import type { RouteView } from './context.ts';
import { PANEL_PATH, placeOf, type Place } from './paths.ts';

export class Route implements RouteView {
  #path = $state.raw('/');
  #search = $state.raw('');
  readonly #params = $derived(new URLSearchParams(this.#search));
  readonly #place: Place = $derived(placeOf(this.#path));
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
    this.#read();
  }

  get path(): string {
    return this.#path;
  }

  get place(): Place {
    return this.#place;
  }

  /** What stands behind `?name=`, with commas between when it is there several times; null when it is not. */
  param(name: string): string | null {
    return this.#params.has(name) ? this.#params.getAll(name).join() : null;
  }

  /** Changes what stands behind `?` and stays where it is. @param how whether Back leads to what was there before. */
  setParams(changes: Readonly<Record<string, string | null>>, how: 'replace' | 'push' = 'replace'): void {
    const params = new URLSearchParams(this.#search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) params.delete(name);
      else params.set(name, value);
    }
    const search = params.size === 0 ? '' : `?${readable(params)}`;
    if (search === this.#search) return;
    if (how === 'push') this.#window.history.pushState({ inside: true }, '', this.#path + search);
    else this.#window.history.replaceState(this.#window.history.state, '', this.#path + search);
    this.#search = search;
  }

  /** @param to a path, with `?…` and `#…` or without. */
  go(to: string): void {
    const [address = '', hash] = to.split('#');
    const [path = '/', search = ''] = address.split('?');
    const there = this.#withKept(search);
    if (path === this.#path && there === this.#search && hash === undefined) return;
    this.#window.history.pushState({ inside: true }, '', path + there + (hash === undefined ? '' : `#${hash}`));
    this.#read();
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
    const onPop = (): void => this.#read();
    const onClick = (event: MouseEvent): void => this.#takeOver(event);
    this.#window.addEventListener('popstate', onPop);
    this.#window.document.addEventListener('click', onClick);
    return () => {
      this.#window.removeEventListener('popstate', onPop);
      this.#window.document.removeEventListener('click', onClick);
    };
  }

  #read(): void {
    const { pathname, search } = this.#window.location;
    this.#path = pathname;
    this.#search = search;
  }

  /** The wall screen stays one wherever it goes. */
  #withKept(search: string): string {
    const params = new URLSearchParams(search);
    const wall = this.#params.get('wall');
    if (wall !== null && !params.has('wall')) params.set('wall', wall);
    return params.size === 0 ? '' : `?${readable(params)}`;
  }

  #takeOver(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== this.#window.location.origin) return;
    if (isServerPath(link.pathname) || (link.hash !== '' && link.pathname === this.#path)) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

/** Commas need no escape behind a `?`, and a list of numbers is to be read by people, too. */
function readable(params: URLSearchParams): string {
  return params.toString().replaceAll('%2C', ',');
}
