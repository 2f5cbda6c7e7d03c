/** Release folders by name only, and the claims on their versions, which outlive every life of the server. */
import type { ReleaseStore } from '../../../server/deploy/port.ts';

export class Releases {
  readonly #owners = new Map<string, number>();
  readonly #stored = new Set<string>();
  readonly #violated: (what: string) => void;

  constructor(violated: (what: string) => void) {
    this.#violated = violated;
  }

  store(): ReleaseStore {
    return {
      path: (project, version) => `/simulated/releases/${project}/${version}`,
      has: (_, version) => Promise.resolve(this.#stored.has(version)),
      claim: (_, version, owner) => {
        const known = this.#owners.get(version) ?? owner;
        this.#owners.set(version, known);
        return Promise.resolve(known === owner);
      },
      claimed: () => Promise.resolve(new Set(this.#owners.keys())),
      discard: (_, version) => {
        this.#stored.delete(version);
        return Promise.resolve();
      },
      store: (_, version) => {
        if (this.#stored.has(version)) this.#violated(`release ${version} is stored a second time`);
        this.#stored.add(version);
        return Promise.resolve();
      },
      prune: () => Promise.resolve(),
    };
  }
}
