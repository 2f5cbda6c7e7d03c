/** The keys of the page as the `?` dialog lists them. */

export interface KeyHelp {
  /** Alternatives, each one or two presses: `g p` is g, then p. */
  keys: readonly string[];
  what: string;
}
export interface KeyGroup {
  where: string;
  keys: readonly KeyHelp[];
}

export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    where: 'Anywhere',
    keys: [
      { keys: ['?'], what: 'These keys' },
      { keys: ['/'], what: 'Filter projects' },
      { keys: ['g p'], what: 'Panel' },
      { keys: ['g n'], what: 'Needs you' },
      { keys: ['Esc'], what: 'Close, or back' },
    ],
  },
  {
    where: 'Panel',
    keys: [
      { keys: ['j', 'k'], what: 'Next, previous project' },
      { keys: ['→', '←'], what: 'Next, previous place on the line' },
      { keys: ['Enter'], what: 'Open' },
      { keys: ['o'], what: 'Log' },
      { keys: ['c'], what: 'Confirm…' },
      { keys: ['p'], what: 'Promote…' },
      { keys: ['b'], what: 'Roll back…' },
      { keys: ['x'], what: 'Cancel…' },
      { keys: ['a'], what: 'Activity' },
    ],
  },
  {
    where: 'Run',
    keys: [
      { keys: ['g g'], what: 'Top of the log' },
      { keys: ['G'], what: 'End of the log' },
      { keys: ['j', 'k'], what: 'Line down, line up' },
      { keys: ['f'], what: 'Follow the end' },
      { keys: ['w'], what: 'Wrap long lines' },
      { keys: ['t'], what: 'Times: off, time of day, since the start, since the line before' },
      { keys: ['z', 'Z'], what: 'Fold this section, all sections' },
      { keys: ['Shift ↑', 'Shift ↓'], what: 'Select lines' },
      { keys: ['y'], what: 'Copy a link to the lines selected, or to the first in view' },
      { keys: ['/'], what: 'Find in the log' },
      { keys: [':'], what: 'Go to a line or a time' },
      { keys: ['n', 'N'], what: 'Next, previous match' },
      { keys: ['e', 'E'], what: 'Next, previous error' },
    ],
  },
  {
    where: 'Panes',
    keys: [
      { keys: ['1–9'], what: 'To that log; the keys of a run act on it' },
      { keys: ['s'], what: 'Same time for all' },
    ],
  },
];
