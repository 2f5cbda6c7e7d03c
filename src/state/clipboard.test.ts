// @vitest-environment happy-dom
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clipboardOf } from './clipboard.ts';

class Item {
  readonly parts: Record<string, Promise<Blob>>;
  constructor(parts: Record<string, Promise<Blob>>) {
    this.parts = parts;
  }
}
vi.stubGlobal('ClipboardItem', Item);
const browser = (clipboard: unknown): Navigator => ({ clipboard }) as Navigator;
const NOT_ALLOWED = 'This browser did not let the page copy. Download instead.';

describe('over https', () => {
  test('is asked for at once and filled when the text has come', async () => {
    const written: Item[] = [];
    const text = Promise.withResolvers<string>();
    const write = async (items: Item[]): Promise<void> => {
      written.push(...items);
      await items[0]?.parts['text/plain'];
    };
    const put = clipboardOf(browser({ write }), document).put(text.promise);
    expect(written).toHaveLength(1);
    text.resolve('a line');
    await put;
    expect(await (await written[0]?.parts['text/plain'])?.text()).toBe('a line');
  });

  test('a browser that refuses is said so', async () => {
    const write = (): Promise<void> => Promise.reject(new Error('NotAllowedError'));
    await expect(clipboardOf(browser({ write }), document).put(Promise.resolve('x'))).rejects.toThrow(NOT_ALLOWED);
  });

  test('when the text does not come, that is the reason', async () => {
    const write = async (items: Item[]): Promise<void> => void (await items[0]?.parts['text/plain']);
    const text = Promise.reject(new Error('the server is gone'));
    await expect(clipboardOf(browser({ write }), document).put(text)).rejects.toThrow('the server is gone');
  });
});

describe('over plain http', () => {
  const execCommand = vi.fn<(command: string) => boolean>();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- what browsers without a clipboard have
  document.execCommand = execCommand;
  afterEach(() => execCommand.mockReset());

  test('it goes with a copy event, which nobody else hears', async () => {
    const heard: string[] = [];
    const put: [string, string][] = [];
    const listener = (): void => void heard.push('page');
    document.addEventListener('copy', listener);
    execCommand.mockImplementation(() => {
      const event = new Event('copy', { cancelable: true });
      document.dispatchEvent(Object.assign(event, { clipboardData: { setData: (...given: [string, string]) => put.push(given) } }));
      return event.defaultPrevented;
    });
    await clipboardOf(browser(undefined), document).put(Promise.resolve('a line'));
    expect(put).toEqual([['text/plain', 'a line']]);
    expect(heard).toEqual([]);
    document.dispatchEvent(new Event('copy'));
    expect(heard).toEqual(['page']);
    document.removeEventListener('copy', listener);
  });

  test('a browser that copies nothing is said so', async () => {
    await expect(clipboardOf(browser(undefined), document).put(Promise.resolve('x'))).rejects.toThrow(NOT_ALLOWED);
  });
});
