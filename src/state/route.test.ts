import { expect, test } from 'vitest';
import { Route } from './route.svelte.ts';

/** A window as far as the address goes. */
function at(address: string): { route: Route; address: () => string; entries: () => number; back: () => void } {
  const entries = [new URL(address, 'http://signalbox.example')];
  let now = 0;
  const listeners = new Map<string, () => void>();
  const put = (path: string, index: number): void => {
    entries.length = index;
    entries.push(new URL(path, 'http://signalbox.example'));
    now = index;
  };
  const window = {
    get location() {
      return entries[now];
    },
    history: {
      state: null,
      pushState: (_state: unknown, _title: string, path: string) => put(path, now + 1),
      replaceState: (_state: unknown, _title: string, path: string) => put(path, now),
    },
    document: { addEventListener: () => undefined, removeEventListener: () => undefined },
    addEventListener: (type: string, listener: () => void) => listeners.set(type, listener),
    removeEventListener: (type: string) => listeners.delete(type),
    scrollTo: () => undefined,
  };
  const route = new Route(window as unknown as Window);
  route.listen();
  return {
    route,
    address: () => `${entries[now]?.pathname ?? ''}${entries[now]?.search ?? ''}${entries[now]?.hash ?? ''}`,
    entries: () => entries.length,
    back() {
      now--;
      listeners.get('popstate')?.();
    },
  };
}

test('a parameter is read, set and taken away where one is, without another step back', () => {
  const { route, address, entries } = at('/runs/42?at=100-200');
  expect(route.param('at')).toBe('100-200');
  route.setParams({ at: null, find: 'a b' });
  expect(address()).toBe('/runs/42?find=a+b');
  expect(route.param('at')).toBe(null);
  expect(entries()).toBe(1);
});

test('a parameter that is there several times is read whole, and set once', () => {
  const { route, address } = at('/panes?runs=1&layout=rows&runs=2,3');
  expect(route.param('runs')).toBe('1,2,3');
  route.setParams({ runs: '3,1' });
  expect(address()).toBe('/panes?runs=3,1&layout=rows');
});

test('what stands behind # goes along', () => {
  const { route, address } = at('/panes?runs=12,13');
  route.go('/runs/12#L4711@345');
  expect([address(), route.path]).toEqual(['/runs/12#L4711@345', '/runs/12']);
});

test('one that is pushed is undone by Back', () => {
  const { route, address, back } = at('/panes?runs=1,2');
  route.setParams({ runs: '1,2,3' }, 'push');
  expect(address()).toBe('/panes?runs=1,2,3');
  back();
  expect(route.param('runs')).toBe('1,2');
});

test('another page begins without the parameters of the one before, but a wall stays a wall', () => {
  const { route, address } = at('/runs/42?at=100&wall=1');
  route.go('/');
  expect(address()).toBe('/?wall=1');
  expect([route.path, route.param('at'), route.param('wall')]).toEqual(['/', null, '1']);
});

test('a link may carry parameters, also to where one is', () => {
  const { route, address, entries } = at('/runs/42');
  route.go('/runs/42?at=5');
  expect([address(), route.param('at'), entries()]).toEqual(['/runs/42?at=5', '5', 2]);
  route.go('/runs/42?at=5');
  expect(entries()).toBe(2);
});
