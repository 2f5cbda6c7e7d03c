/**
 * The shape of `signalbox.yaml` as it is written: every key that may stand in it, with its meaning for editors. What needs more than one
 * key to judge (equal ids, what this version cannot do yet) is in rules.ts; what the rest of the server gets is in config.ts.
 */
import { z } from 'zod';
import { parseSize, SIZE_PATTERN } from './byte_size.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { PLACEHOLDER } from './placeholder.ts';
import { COMPLETED_KEPT } from '../../src/shared/fold/state.ts';
import { CanaryPolicy } from '../../src/shared/fold/topology.ts';
import { BRANCH } from '../emitters/git_port.ts';
import { GateId, NodeId, ProjectId, TierId } from '../../src/shared/protocol/ids.ts';

/** The ids of the protocol ignore case by a flag, which a JSON Schema cannot carry: spelled out for the editor, branded afterwards. */
const NAME = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'an id is letters, digits, - and _, at most 63, and begins with a letter or digit');
const VARIABLE = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'an environment variable is letters, digits and _');
const Script = z.string().trim().min(1, 'a script cannot be empty');

const duration = (meaning: string) =>
  z
    .string()
    .regex(DURATION_PATTERN, 'a duration is written like 30m, 20s or 1h30m')
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'a duration is more than zero and at most 366d' });
      return z.NEVER;
    })
    .meta({ description: `${meaning}, e.g. 30m, 20s, 1h30m` });

const size = (meaning: string) =>
  z
    .string()
    .regex(SIZE_PATTERN, 'a size is written like 500MB, 20GB or 512MiB')
    .transform((text, context) => {
      const bytes = parseSize(text);
      if (bytes !== null) return bytes;
      context.addIssue({ code: 'custom', message: 'a size is at most about 9,000TB' });
      return z.NEVER;
    })
    .meta({ description: `${meaning}, e.g. 20GB` });

/** A `$NAME` in an address is filled in when it is asked; anything else must already make a proper address. */
const Http = z
  .string()
  .refine(
    (text) => URL.canParse(text.replaceAll(PLACEHOLDER, '1')) && /^https?:\/\//.test(text),
    'an address begins with http:// or https://',
  )
  .meta({ description: 'Address to ask; may hold $VERSION, $SHA, $NODE and names under env, in boot_smoke $PORT; never a secret' });

/** Inside the workspace: relative, never climbing out of it. */
const Inside = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !path.split(/[/\\]/).includes('..'),
    'a path here is relative to the workspace and stays inside it',
  );

const expectation = z
  .string()
  .min(1)
  .meta({ description: 'Text the answer must contain; may hold $VERSION, $SHA and names under env, never a secret' });

const gateCommon = {
  id: NAME.pipe(GateId).optional().meta({ description: 'Name of the gate, unique in its tier; its kind when left out' }),
  waivable: z.boolean().optional().meta({ description: 'Whether a failure may be waived with a reason (not supported yet)' }),
};
/** A deploy has none: what a node runs after a crash is for an operator to decide. */
const retryInterrupted = z
  .int()
  .min(0)
  .max(2, 'at most 2: what a restart interrupts three times needs a look')
  .default(0)
  .meta({ description: 'How often it begins again by itself after a restart of the server interrupted it, 0 to 2' });
const within = duration('How long the first good answer may take').prefault('20s');

const Gate = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('command'),
    ...gateCommon,
    run: Script.meta({ description: 'Shell script, run in the build workspace of the release' }),
    junit: Inside.optional().meta({ description: 'JUnit reports it writes, e.g. reports/*.xml' }),
    timeout: duration('Longest it may take').prefault('10m'),
    retry_interrupted: retryInterrupted,
  }),
  z.strictObject({
    kind: z.literal('http_check'),
    ...gateCommon,
    http: Http,
    expect: expectation.optional(),
    within,
    retry_interrupted: retryInterrupted,
  }),
  z.strictObject({
    kind: z.literal('boot_smoke'),
    ...gateCommon,
    run: Script.meta({ description: 'Shell script that starts the release on $PORT, run in the release folder' }),
    http: Http,
    expect: expectation.optional(),
    within,
    retry_interrupted: retryInterrupted,
  }),
  z.strictObject({ kind: z.literal('burn_in'), ...gateCommon, for: duration('How long the release must have run in this tier') }),
  z.strictObject({
    kind: z.literal('manual_confirm'),
    ...gateCommon,
    approvals: z.int().min(1).default(1).meta({ description: 'Distinct people who must say yes' }),
  }),
]);

const Node = z.strictObject({
  id: NAME.pipe(NodeId),
  host: z.string().min(1).optional().meta({ description: 'ssh://user@machine (not supported yet); this machine when left out' }),
  root: z.string().min(1).meta({ description: 'Folder of the releases on the node, relative to this file' }),
  restart: Script.optional().meta({ description: 'Shell script run after the switch; what it starts outlives it' }),
  health: z
    .strictObject({
      http: Http,
      expect: expectation.optional(),
      within: duration('How long after the restart the answer may take').prefault('30s'),
    })
    .optional(),
  timeout: duration('Longest a deploy may take').prefault('10m'),
});

const Tier = z.strictObject({
  id: NAME.pipe(TierId),
  auto_promote: z.boolean().optional().meta({ description: 'Enters by itself as soon as the tier before is satisfied' }),
  canary: z.enum(CanaryPolicy.options).default('sequential').meta({ description: 'In which order the nodes are deployed' }),
  nodes: z.array(Node).default([]),
  gates: z.array(Gate).default([]).meta({ description: 'Conditions, run one after another in this order' }),
});

const Project = z.strictObject({
  id: NAME.pipe(ProjectId),
  repo: z
    .string()
    .regex(/^[^-\s]/, 'a repository cannot begin with a dash')
    .meta({ description: 'Folder relative to this file, or a URL git understands' }),
  branch: z
    .string()
    .regex(BRANCH, 'a branch is letters, digits, . _ / and - as git takes them, and begins with a letter or digit')
    .default('main'),
  env: z
    .record(VARIABLE, z.union([z.string(), z.int(), z.boolean()]))
    .default({})
    .meta({ description: 'Environment of every script' }),
  secrets: z.array(VARIABLE).default([]).meta({ description: "Names from the server's environment, or NAME_FILE; masked in every log" }),
  backup: z.strictObject({ run: Script }).optional().meta({ description: 'Not supported yet' }),
  build: z.strictObject({
    run: Script.meta({ description: 'Shell script, run in a fresh checkout of the commit' }),
    artifacts: z
      .array(Inside)
      .min(1, 'a build needs at least one artifact')
      .meta({ description: 'Files and folders that make the release' }),
    timeout: duration('Longest it may take').prefault('20m'),
    retry_interrupted: retryInterrupted,
  }),
  keep_releases: z
    .int()
    .min(1)
    .max(COMPLETED_KEPT, `at most ${COMPLETED_KEPT}: so many releases of a tier are known, and may be rolled back to`)
    .default(5)
    .meta({ description: 'Releases that a node keeps besides those in use, so that a rollback need not copy them' }),
  tiers: z.array(Tier).min(1, 'a project needs at least one tier'),
});

/**
 * A server that deletes nothing stops one day on a full disk; one that deletes early takes away what an audit asks for. Hence a quarter of a year, and as
 * many bytes as any machine that builds software has to spare.
 */
const Logs = z.strictObject({
  keep_days: z
    .int()
    .min(0)
    .max(36_500, 'at most 36500, a hundred years; 0 for no such bound')
    .default(90)
    .meta({ description: 'Days a log is kept after its run; 0 for no such bound' }),
  keep_runs: z.int().min(0).default(0).meta({ description: 'Logs kept, the newest; 0 for no such bound' }),
  keep_bytes: size('What all logs may take on the disk; 0B for no such bound').prefault('20GB'),
  compress: z.boolean().default(true).meta({ description: 'Whether logs are compressed an hour after their run' }),
});

export const ConfigFile = z.strictObject({
  public_url: z
    .url({ protocol: /^https?$/, error: 'public_url is a full address, e.g. https://signalbox.example.org' })
    .optional()
    .meta({ description: 'Address under which browsers reach the server' }),
  server: z
    .strictObject({
      host: z.string().min(1).optional().meta({ description: 'Address to listen on; 127.0.0.1 when left out' }),
      port: z.int().min(0).max(65_535).optional().meta({ description: 'Port to listen on; 7766 when left out, 0 for any free one' }),
      data: z.string().min(1).optional().meta({ description: 'Data folder, relative to this file; .signalbox when left out' }),
      log_level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
    })
    .optional(),
  logs: Logs.prefault({}).meta({ description: 'How long the logs of runs are kept. Outcome and hash of a run stay' }),
  projects: z.array(Project).min(1, 'at least one project is needed'),
});

export type ConfigFile = z.output<typeof ConfigFile>;
export type ProjectFile = ConfigFile['projects'][number];
export type TierFile = ProjectFile['tiers'][number];
export type GateFile = TierFile['gates'][number];
export type NodeFile = TierFile['nodes'][number];

/** JSON Schema (draft 7, which editors read) of the file as it is written. */
export function configJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(ConfigFile, { io: 'input', target: 'draft-7' }), title: 'signalbox.yaml' };
}
