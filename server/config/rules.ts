/**
 * What the shape of single keys cannot say: ids that are taken, folders two nodes would fight for, gates that could never run, and what
 * this version cannot do yet. A key that is understood but would be ignored is an error here: a gate that silently does nothing is worse
 * than a server that does not start.
 */
import { resolve } from 'node:path';
import type { ConfigFile, GateFile, NodeFile, ProjectFile, TierFile } from './schema.ts';
import { placeholdersIn } from './placeholder.ts';
import type { Path, Problem } from './source.ts';

/** What every script is told by Signalbox itself; a value given here would be overwritten in silence. */
const TOLD_TO_SCRIPTS = ['PROJECT', 'VERSION', 'SHA', 'TIER', 'GATE', 'NODE', 'RELEASE'];

/** @param folder the config file's. */
export function ruleProblems(file: ConfigFile, folder: string): Problem[] {
  const projects = file.projects;
  const at = (index: number): Path => ['projects', index];
  const roots = new Map<string, string>();
  return [
    ...twice(
      projects.map((project) => project.id),
      'project',
      at,
    ),
    ...projects.flatMap((project, index) => [...projectProblems(project, at(index)), ...rootProblems(project, at(index), folder, roots)]),
  ];
}

function projectProblems(project: ProjectFile, path: Path): Problem[] {
  const at = (index: number): Path => [...path, 'tiers', index];
  return [
    ...(project.backup === undefined ? [] : [notYet([...path], 'backup', 'Fetching backups')]),
    ...toldAnyway(Object.keys(project.env), (name) => ({ path: [...path, 'env'], key: name })),
    ...toldAnyway(project.secrets, (_, index) => ({ path: [...path, 'secrets', index] })),
    ...twice(project.secrets, 'secret', (index) => [...path, 'secrets', index], null),
    ...project.secrets.flatMap((name, index): Problem[] =>
      Object.hasOwn(project.env, name)
        ? [{ path: [...path, 'secrets', index], message: `\`${name}\` is also under env; a secret does not belong in the file` }]
        : [],
    ),
    ...twice(
      project.tiers.map((tier) => tier.id),
      'tier',
      at,
    ),
    ...project.tiers.flatMap((tier, index) => [...tierProblems(tier, index, at(index)), ...askedProblems(tier, project, at(index))]),
  ];
}

function toldAnyway(names: readonly string[], at: (name: string, index: number) => Pick<Problem, 'path' | 'key'>): Problem[] {
  return names.flatMap((name, index) =>
    TOLD_TO_SCRIPTS.includes(name)
      ? [{ ...at(name, index), message: `\`${name}\` is set by Signalbox itself for every script; choose another name` }]
      : [],
  );
}

function tierProblems(tier: TierFile, index: number, path: Path): Problem[] {
  const gateAt = (i: number): Path => [...path, 'gates', i];
  const nodeAt = (i: number): Path => [...path, 'nodes', i];
  return [
    ...(index === 0 && tier.auto_promote === false
      ? [{ path, key: 'auto_promote', message: 'the first tier takes every build by itself; remove `auto_promote: false`' }]
      : []),
    ...twice(
      tier.nodes.map((node) => node.id),
      'node',
      nodeAt,
    ),
    ...twice(
      tier.gates.map((gate) => gate.id ?? gate.kind),
      'gate',
      gateAt,
    ),
    ...tier.nodes.flatMap((node, i) => nodeProblems(node, nodeAt(i))),
    ...tier.gates.flatMap((gate, i) => gateProblems(gate, tier, gateAt(i))),
  ];
}

function nodeProblems(node: NodeFile, path: Path): Problem[] {
  if (node.host === undefined) return [];
  if (node.host.startsWith('ssh://')) return [notYet(path, 'host', 'Deploying to another machine over ssh')];
  return [{ path: [...path, 'host'], message: '`host` is ssh://user@machine; leave it out for this machine' }];
}

function gateProblems(gate: GateFile, tier: TierFile, path: Path): Problem[] {
  const problems: Problem[] = [];
  if (gate.waivable === true) problems.push(notYet(path, 'waivable', 'Waiving a gate'));
  if (gate.kind === 'http_check' && tier.nodes.length === 0) {
    problems.push({ path, message: `http_check asks every node of its tier, and ${tier.id} has none` });
  }
  if (gate.kind === 'manual_confirm' && gate.approvals > 1) {
    const message = `${gate.approvals} approvals need people who have signed in, and this version has no sign-in; use \`approvals: 1\``;
    problems.push({ path: [...path, 'approvals'], message });
  }
  return problems;
}

function askedProblems(tier: TierFile, project: ProjectFile, path: Path): Problem[] {
  return [
    ...tier.nodes.flatMap(({ health }, i) => (health === undefined ? [] : namedProblems(health, project, [...path, 'nodes', i, 'health']))),
    ...tier.gates.flatMap((gate, i) => ('http' in gate ? namedProblems(gate, project, [...path, 'gates', i]) : [])),
  ];
}

/** What is asked, and what must answer, stands in the event log and on every screen when it fails; and a name that nothing sets can never answer. */
function namedProblems(
  asked: { kind?: GateFile['kind']; http: string; expect?: string | undefined },
  { secrets, env }: ProjectFile,
  path: Path,
): Problem[] {
  return (['http', 'expect'] as const).flatMap((key) => {
    const names = placeholdersIn(asked[key] ?? '');
    const secret = names.find((name) => secrets.includes(name));
    const told = (message: string): Problem => ({ path: [...path, key], message: `\`${key}\`: ${message}` });
    return [
      ...(secret === undefined
        ? []
        : [told(`\`${secret}\` is a secret, and what is asked is shown to everybody; ask with it in the script of a command gate`)]),
      ...(asked.kind === 'boot_smoke' || !names.includes('PORT') || Object.hasOwn(env, 'PORT')
        ? []
        : [told('only boot_smoke is given a `PORT`; write the port itself, or set it under `env`')]),
    ];
  });
}

/** Two nodes in one folder would switch each other's `current`. */
function rootProblems(project: ProjectFile, path: Path, folder: string, taken: Map<string, string>): Problem[] {
  const problems: Problem[] = [];
  for (const [t, tier] of project.tiers.entries()) {
    for (const [n, node] of tier.nodes.entries()) {
      const root = resolve(folder, node.root);
      const other = taken.get(root);
      taken.set(root, other ?? `${project.id}/${tier.id}/${node.id}`);
      if (other !== undefined)
        problems.push({ path: [...path, 'tiers', t, 'nodes', n, 'root'], message: `\`root\` is already the folder of ${other}` });
    }
  }
  return problems;
}

function twice(ids: readonly string[], what: string, at: (index: number) => Path, key: string | null = 'id'): Problem[] {
  return ids.flatMap((id, index): Problem[] => {
    if (ids.indexOf(id) === index) return [];
    const message = `${what} \`${id}\` exists already; give it another ${key === null ? 'name' : '`id`'}`;
    return [{ path: key === null ? at(index) : [...at(index), key], message }];
  });
}

function notYet(path: Path, key: string, what: string): Problem {
  return { path, key, message: `\`${key}\`: ${what} is not supported by this version yet; remove the key` };
}
