/** The clipboard. It is asked for at once, while the press that asked still counts, and filled when the text has come. */

export interface ClipboardPort {
  /** @throws Error with a sentence for the reader when the browser does not allow it; what `text` is rejected with. */
  put(text: Promise<string>): Promise<void>;
}

const NOT_ALLOWED = 'This browser did not let the page copy. Download instead.';

/** @param document for browsers that give a clipboard only to pages over https. */
export function clipboardOf(navigator: Navigator, document: Document): ClipboardPort {
  const put = async (text: Promise<string>): Promise<void> => {
    // The types say it is always there; over plain http it is not.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) {
      if (!copyByEvent(document, await text)) throw new Error(NOT_ALLOWED);
      return;
    }
    const blob = text.then((plain) => new Blob([plain], { type: 'text/plain' }));
    try {
      await clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
    } catch (cause) {
      // When it was the text that did not come, that is the reason.
      await text;
      throw new Error(NOT_ALLOWED, { cause });
    }
  };
  return { put };
}

function copyByEvent(document: Document, text: string): boolean {
  let copied = false;
  const fill = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
    copied = true;
  };
  document.addEventListener('copy', fill, { capture: true });
  try {
    // The only way over plain http.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- browsers give no clipboard to pages without TLS
    document.execCommand('copy');
  } finally {
    document.removeEventListener('copy', fill, { capture: true });
  }
  return copied;
}
