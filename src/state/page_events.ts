/** What the browser tells of the page as a whole: that the link may be dead, and keys that are held down. */

interface LinkLevers {
  /** The old link leads nowhere. */
  replace: () => void;
  /** Somebody looks: a link that may be dead is no longer good enough. */
  refresh: () => void;
}

/** @returns its undo. */
export function onPage(window: Window, { replace, refresh }: LinkLevers): () => void {
  const { document } = window;
  const shown = (): void => {
    if (document.visibilityState === 'visible') refresh();
  };
  const restored = (event: PageTransitionEvent): void => {
    if (event.persisted) replace();
  };
  // A key that is held down presses once: the second press would be on whatever has the focus by then.
  const held = (event: KeyboardEvent): void => {
    if (event.repeat && event.key === 'Enter' && event.target instanceof HTMLButtonElement) event.preventDefault();
  };
  // The network is another one: whatever the old link still says, it says to nobody.
  window.addEventListener('online', replace);
  window.addEventListener('pageshow', restored);
  document.addEventListener('visibilitychange', shown);
  document.addEventListener('keydown', held, true);
  return () => {
    window.removeEventListener('online', replace);
    window.removeEventListener('pageshow', restored);
    document.removeEventListener('visibilitychange', shown);
    document.removeEventListener('keydown', held, true);
  };
}
