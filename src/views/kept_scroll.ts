/** An element that is moved within the page is scrolled back by the browser and loses the focus: both are put back. Call before the move; what it returns after it. */
export function keepScroll(root: HTMLElement): () => void {
  const { activeElement } = document;
  const focused = activeElement instanceof HTMLElement && root.contains(activeElement) ? activeElement : null;
  const scrolled = [...root.querySelectorAll('[role=log]')].map((log) => ({ log, top: log.scrollTop, left: log.scrollLeft }));
  return () => {
    for (const { log, top, left } of scrolled) log.scrollTo({ top, left, behavior: 'instant' });
    if (focused?.isConnected === true && document.activeElement !== focused) focused.focus({ preventScroll: true });
  };
}
