/** Wires what `signalbox verify`, `backup` and `restore` work with, as app.ts wires the server: the files of each room, copied and read by the room that writes them. */
import type { ArchiveParts } from './archive/port.ts';
import { systemClock } from './clock.ts';
import { copyReleases } from './deploy/copy_releases.ts';
import { beginAnotherHistory } from './eventlog/sqlite/another_history.ts';
import { copyEventLog } from './eventlog/sqlite/copy.ts';
import { verifyEventLog } from './eventlog/sqlite/verify.ts';
import { copyRunLogs } from './logstore/copy_logs.ts';
import { verifyRunLogs } from './logstore/verify_logs.ts';
import { systemRandom } from './uuid.ts';

export const archiveParts: ArchiveParts = {
  events: {
    copy: copyEventLog,
    verify: verifyEventLog,
    beginAnotherHistory: (folder, options) => beginAnotherHistory(folder, { clock: systemClock, random: systemRandom, ...options }),
  },
  logs: { copy: copyRunLogs, verify: verifyRunLogs },
  releases: { copy: copyReleases },
};
