/** Asks every node of every project, one round after another: at boot, and then every ten seconds. Nodes that a deploy works on are left alone. */
import type { NodeId, ProjectId, TierId } from '../../../src/shared/protocol/ids.ts';
import { SYSTEM_ACTOR } from '../../../src/shared/protocol/ids.ts';
import { observe } from './observe.ts';
import type { EngineDeps } from './ports.ts';

const ROUND_MS = 10_000;

export class NodeWatch {
  readonly #deps: EngineDeps;
  readonly #closing = new AbortController();
  readonly #failing = new Map<string, string>();
  #undo: (() => void) | null = null;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Resolves after the first round: by then the state knows what the nodes answered. */
  async start(): Promise<void> {
    await this.#round();
    this.#next();
  }

  /** Idempotent. */
  close(): void {
    this.#closing.abort(new Error('the server stops'));
    this.#undo?.();
  }

  #next(): void {
    if (this.#closing.signal.aborted) return;
    this.#undo = this.#deps.clock.after(ROUND_MS, () => void this.#round().then(() => this.#next()));
  }

  async #round(): Promise<void> {
    const nodes = this.#deps.recording
      .state()
      .projects.flatMap((project) =>
        project.tiers.flatMap((tier) =>
          tier.nodes
            .filter((node) => node.deploy?.status !== 'running')
            .map((node) => ({ project: project.id, tier: tier.id, node: node.id })),
        ),
      );
    await Promise.all(nodes.map((at) => this.#ask(at)));
  }

  /** A node that cannot be asked is reported when the reason changes, not every round. */
  async #ask(at: { project: ProjectId; tier: TierId; node: NodeId }): Promise<void> {
    const name = `${at.project}/${at.tier}/${at.node}`;
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(5000)]);
      for (const fact of await observe(this.#deps, at, 'changed', signal))
        await this.#deps.recording.record({ type: 'fact', fact, actor: SYSTEM_ACTOR });
      this.#failing.delete(name);
    } catch (error) {
      const why = String(error);
      if (this.#failing.get(name) !== why && !this.#closing.signal.aborted)
        this.#deps.report(`${name} could not be asked what it runs`, error);
      this.#failing.set(name, why);
    }
  }
}
