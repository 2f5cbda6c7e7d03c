/**
 * Reads `signalbox.yaml` and hands out a config that needs no further doubt: checked, defaults filled in, paths absolute, secrets there.
 * Refuses the whole file for one problem, naming every problem with its line; it starts nothing and changes nothing.
 */
import { dirname, resolve } from 'node:path';
import type { Config, GateConfig, LogsConfig, NodeConfig, ProjectConfig, TierConfig } from './config.ts';
import { explain } from './explain.ts';
import { ruleProblems } from './rules.ts';
import { ConfigFile } from './schema.ts';
import type { GateFile, NodeFile, ProjectFile, TierFile } from './schema.ts';
import { secretProblem } from './secrets.ts';
import { readSource } from './source.ts';
import type { Problem } from './source.ts';
import { topologyHash, topologyOf } from './topology.ts';
import { GateId } from '../../src/shared/protocol/ids.ts';

const DAY_MS = 86_400_000;

/**
 * @param path of the file.
 * @param env where secrets are looked for; their values are not kept.
 * @throws ConfigError that names file:line:column of every problem.
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv): Config {
  const file = resolve(path);
  const folder = dirname(file);
  const source = readSource(file);
  const parsed = ConfigFile.safeParse(source.value);
  if (!parsed.success) throw source.error(explain(ConfigFile, source.value, parsed.error.issues));
  const problems = [...ruleProblems(parsed.data, folder), ...missingSecrets(parsed.data, env)];
  if (problems.length > 0) throw source.error(problems);
  const projects = parsed.data.projects.map((project) => projectConfig(project, folder));
  const { host, port, data, log_level } = parsed.data.server ?? {};
  return {
    file,
    hash: topologyHash(projects.map(topologyOf)),
    public_url: parsed.data.public_url?.replace(/\/+$/, '') ?? null,
    server: {
      host: host ?? null,
      port: port ?? null,
      data: data === undefined ? null : resolve(folder, data),
      log_level: log_level ?? null,
    },
    logs: logsConfig(parsed.data.logs),
    projects,
  };
}

function logsConfig({ keep_days, keep_runs, keep_bytes, compress }: ConfigFile['logs']): LogsConfig {
  const orNone = (bound: number): number | null => (bound === 0 ? null : bound);
  return { keep_ms: orNone(keep_days * DAY_MS), keep_runs: orNone(keep_runs), keep_bytes: orNone(keep_bytes), compress };
}

function missingSecrets(file: ConfigFile, env: NodeJS.ProcessEnv): Problem[] {
  return file.projects.flatMap((project, p) =>
    project.secrets.flatMap((name, s): Problem[] => {
      const message = secretProblem(name, env);
      return message === null ? [] : [{ path: ['projects', p, 'secrets', s], message }];
    }),
  );
}

function projectConfig(project: ProjectFile, folder: string): ProjectConfig {
  const { id, branch, secrets, keep_releases, build } = project;
  return {
    id,
    repo: isAddress(project.repo) ? project.repo : resolve(folder, project.repo),
    branch,
    env: Object.fromEntries(Object.entries(project.env).map(([name, value]) => [name, String(value)])),
    secrets,
    build: { run: build.run, artifacts: build.artifacts, timeout_ms: build.timeout, ...retries(build) },
    tiers: project.tiers.map((tier, index) => tierConfig(tier, index === 0, folder)),
    keep_releases,
  };
}

/** `https://…`, `ssh://…` or git's short form `git@host:path`. */
function isAddress(repo: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(repo) || /^[\w.-]+@[\w.-]+:/.test(repo);
}

function tierConfig(tier: TierFile, first: boolean, folder: string): TierConfig {
  return {
    id: tier.id,
    auto_promote: first || (tier.auto_promote ?? false),
    canary: tier.canary,
    nodes: tier.nodes.map((node) => nodeConfig(node, folder)),
    gates: tier.gates.map(gateConfig),
  };
}

function nodeConfig(node: NodeFile, folder: string): NodeConfig {
  const { health } = node;
  return {
    id: node.id,
    root: resolve(folder, node.root),
    restart: node.restart ?? null,
    health: health === undefined ? null : { http: health.http, expect: health.expect ?? null, within_ms: health.within },
    timeout_ms: node.timeout,
  };
}

/** Left out for none, so that the line of a config without it is drawn as before. */
function retries({ retry_interrupted }: { retry_interrupted: number }): { retry_interrupted?: number } {
  return retry_interrupted === 0 ? {} : { retry_interrupted };
}

function gateConfig(gate: GateFile): GateConfig {
  const id = gate.id ?? GateId.parse(gate.kind);
  switch (gate.kind) {
    case 'command':
      return { id, kind: gate.kind, run: gate.run, junit: gate.junit ?? null, timeout_ms: gate.timeout, ...retries(gate) };
    case 'http_check':
      return { id, kind: gate.kind, http: gate.http, expect: gate.expect ?? null, within_ms: gate.within, ...retries(gate) };
    case 'boot_smoke':
      return { id, kind: gate.kind, run: gate.run, http: gate.http, expect: gate.expect ?? null, within_ms: gate.within, ...retries(gate) };
    case 'burn_in':
      return { id, kind: gate.kind, for_ms: gate.for };
    case 'manual_confirm':
      return { id, kind: gate.kind, approvals: gate.approvals };
    default:
      return gate satisfies never;
  }
}
