/**
 * A project as a line: everything the drawing needs, computed from the state at a moment. Pure; the components only draw it. A train stands
 * before its first unsatisfied signal; a plate says what a tier runs; the track is solid where the tier's release has been.
 */
import { usual } from '../../shared/fold/durations.ts';
import { nextWaitsFor } from '../../shared/fold/entry.ts';
import { tierVerdict } from '../../shared/fold/select.ts';
import { trains, type Train } from '../../shared/fold/trains.ts';
import type { ProjectState, TierState } from '../../shared/fold/state.ts';
import type { Actor, RunId } from '../../shared/protocol/ids.ts';
import { secondsBetween } from '../../shared/words/time.ts';
import { shortNames } from '../../shared/words/version.ts';
import { loudest, type MarkKind } from './mark.ts';
import { pushOf, type PushModel } from './push_model.ts';
import { foldSignals, signalOf, type SignalModel } from './signal_model.ts';
import { stationOf, type Progress, type StationModel } from './station_model.ts';

const GATES_BEFORE_FOLDING = 3;
const TIERS_BEFORE_FOLDING = 4;

export interface TrainModel {
  version: string;
  mark: MarkKind;
  /** `1.4.0 waits for a confirm`. */
  words: string;
  progress: Progress | null;
  run_id: RunId | null;
}

export interface SlotModel {
  signal: SignalModel;
  train: TrainModel | null;
  /** Whether the track is solid up to the mark and behind it. */
  into: boolean;
  out: boolean;
}

export interface TierModel {
  station: StationModel;
  slots: readonly SlotModel[];
  folded: boolean;
  /** The release that waits at the end of this tier's track to enter the next tier. */
  berth: TrainModel | null;
  /** The track between the last signal and the next station. */
  onward: { solid: boolean; frozen: boolean };
  last: boolean;
}

export interface LineModel {
  id: string;
  branch: string;
  push: PushModel;
  tiers: readonly TierModel[];
  /** What a version is called where room is short. */
  short: (version: string) => string;
  /** Changes exactly when a train goes to another place. */
  places: string;
}

/** Every version a person could meet on this line; two that share their declared part are both called by their whole name. */
export function namesOf(project: ProjectState): (version: string) => string {
  const met = new Set<string>(project.releases.map((release) => release.version));
  if (project.build !== null) met.add(project.build.version);
  for (const tier of project.tiers) {
    for (const version of [tier.current?.version, tier.next?.version, tier.intended?.version, tier.move?.version])
      if (version !== undefined) met.add(version);
    for (const node of tier.nodes) if (node.deployed !== null) met.add(node.deployed.version);
    for (const hold of tier.held) met.add(hold.version);
  }
  return shortNames(met);
}

export function lineOf(project: ProjectState, now: number, me: Actor | null): LineModel {
  const short = namesOf(project);
  const all = trains(project);
  const ctx = { project, now, me, short, trains: all };
  return {
    id: project.id,
    branch: project.branch,
    push: pushOf(project, now, me, short),
    tiers: project.tiers.map((_, index) => tierOf(ctx, index)),
    short,
    places: all.map((train) => `${train.version}@${placeKey(train)}`).join(' '),
  };
}

interface Context {
  project: ProjectState;
  now: number;
  me: Actor | null;
  short: (version: string) => string;
  trains: readonly Train[];
}

function placeKey({ place }: Train): string {
  return place.at === 'push' ? 'push' : place.at === 'gate' ? `${place.tier}/${place.gate}` : `${place.at}/${place.tier}`;
}

function tierOf(ctx: Context, index: number): TierModel {
  const tier = ctx.project.tiers[index];
  if (tier === undefined) throw new RangeError(`no tier ${index} in ${ctx.project.id}`);
  const next = ctx.project.tiers[index + 1];
  const been = travelled(tier);
  const slots = tier.gates.map((gate, at): SlotModel => {
    const train = ctx.trains.find((one) => one.place.at === 'gate' && one.place.tier === tier.id && one.place.gate === gate.id);
    return {
      signal: signalOf(tier, gate, ctx.now, ctx.me),
      train: train === undefined ? null : trainOf(ctx, train, signalOf(tier, gate, ctx.now, ctx.me).word),
      into: at <= been,
      out: at < been,
    };
  });
  const waiting = next === undefined ? undefined : ctx.trains.find((one) => one.place.at === 'before' && one.place.tier === next.id);
  const folded = slots.length > 1 && (slots.length > GATES_BEFORE_FOLDING || ctx.project.tiers.length > TIERS_BEFORE_FOLDING);
  return {
    station: stationOf(ctx.project, tier, ctx.now, ctx.me, ctx.short),
    slots: folded ? [foldSlots(slots)] : slots,
    folded,
    berth: waiting === undefined || next === undefined ? null : trainOf(ctx, waiting, waitWords(ctx, next)),
    onward: { solid: been >= tier.gates.length, frozen: next?.frozen != null },
    last: next === undefined,
  };
}

/** How many of the tier's signals its release has behind it; -1 when it has not left the station. */
function travelled(tier: TierState): number {
  const verdict = tierVerdict(tier);
  if (verdict.type === 'satisfied') return tier.gates.length;
  return 'gate' in verdict ? tier.gates.findIndex((gate) => gate.id === verdict.gate.id) : -1;
}

function foldSlots(slots: readonly SlotModel[]): SlotModel {
  return {
    signal: foldSignals(slots.map((slot) => slot.signal)),
    train: slots.find((slot) => slot.train !== null)?.train ?? null,
    into: slots[0]?.into ?? false,
    out: slots.at(-1)?.out ?? false,
  };
}

const TRAIN_MARK: Readonly<Record<Train['status'], MarkKind>> = {
  running: 'running',
  deploying: 'deploying',
  waits: 'queued',
  hand: 'hand',
  failed: 'failed',
  interrupted: 'interrupted',
  cancelled: 'stopped',
  rolling_back: 'rolled_back',
};

function trainOf(ctx: Context, train: Train, doing: string): TrainModel {
  const step = train.step === null || train.status !== 'running' ? null : usual(ctx.project, train.step);
  const burning = train.place.at === 'gate' && doing.startsWith('Burn-in');
  return {
    version: train.version,
    mark: burning ? 'time' : TRAIN_MARK[train.status],
    words: `${ctx.short(train.version)}: ${doing}`,
    progress: step === null ? null : { elapsed_s: secondsBetween(train.started_at, ctx.now), usual: step },
    run_id: train.run_id,
  };
}

/** Why a release stands before a tier. */
export function waitWords(ctx: Pick<Context, 'project' | 'short'>, tier: TierState): string {
  const wait = nextWaitsFor(ctx.project, tier);
  switch (wait?.why) {
    case undefined:
      return `Waiting for ${tier.id}`;
    case 'manual':
      return `Waits for a promote to ${tier.id}`;
    case 'hand_only':
      return `Only a person promotes to ${tier.id} now`;
    case 'occupied':
      return `Waits for ${tier.id}: ${ctx.short(wait.by)} is undecided there`;
    case 'frozen':
      return `${tier.id} is frozen`;
    case 'held':
      return `Held on ${tier.id}`;
    case 'once':
      return `Went to ${tier.id} by itself once; a person may promote it again`;
    default:
      return wait satisfies never;
  }
}

/** The one state of a line that matters most, for where a whole line is a single row. */
export function loudestOf(line: LineModel): { mark: MarkKind; word: string } {
  const states = [
    { mark: line.push.mark, word: line.push.word },
    ...line.tiers.flatMap((tier) => [
      ...(tier.station.line.mark === null ? [] : [{ mark: tier.station.line.mark, word: `${tier.station.id}: ${tier.station.line.text}` }]),
      ...tier.slots.map(({ signal }) => ({ mark: signal.mark, word: `${signal.label}: ${signal.word}` })),
    ]),
  ];
  const mark = loudest(states.map((state) => state.mark));
  const quiet = mark === 'passed' || mark === 'unlit' || mark === 'rolled_back';
  return { mark, word: quiet ? line.push.note : (states.find((state) => state.mark === mark)?.word ?? '') };
}
