/** A vitest environment that is Node without a DOM, but compiles modules as for the browser, so that Svelte's runes are live in unit tests. */
import type { Environment } from 'vitest/runtime';

const environment: Environment = {
  name: 'runes',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
};

export default environment;
