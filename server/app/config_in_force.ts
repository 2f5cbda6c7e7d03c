/**
 * The config in force, and how another takes its place. The invariant: a run that a change of the line brings about begins with the config that
 * knows of it. The engine begins it within the commit that records the change, so the next config is in force before that is recorded.
 */
import type { State } from '../../src/shared/fold/state.ts';
import type { EventOf } from '../../src/shared/protocol/events/event.ts';
import type { Config } from '../config/config.ts';
import { diffTopology } from '../config/topology.ts';

export class ConfigInForce {
  #config: Config;

  constructor(config: Config) {
    this.#config = config;
  }

  get(): Config {
    return this.#config;
  }

  /**
   * @param state what the log says. @param record resolves when the change is stored.
   * @returns how many changes were recorded. Whenever it throws, the earlier config is in force.
   * @throws ConfigError when a tier would go whose release is undecided, and what `record` throws.
   */
  async replace(next: Config, state: State, record: (change: EventOf<'entity'>) => Promise<unknown>): Promise<number> {
    const changes = diffTopology(state, next);
    const before = this.#config;
    this.#config = next;
    try {
      for (const change of changes) await record(change);
    } catch (error) {
      this.#config = before;
      throw error;
    }
    return changes.length;
  }
}
