/** What stands below the last line of a log, as rows of their own. */
export interface LogNote {
  kind: 'missing' | 'error';
  text: string;
  action?: { label: string; run: () => void };
}
