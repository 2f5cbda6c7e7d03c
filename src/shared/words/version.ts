/** Versions as the panel shows them: `1.4.0` in ink, `+g3f2a91c` behind it. A dialog always says the whole. */

/** `1.4.0+g3f2a91c` is `1.4.0` and `+g3f2a91c`. */
export function splitVersion(version: string): { core: string; build: string } {
  const at = version.indexOf('+');
  return at === -1 ? { core: version, build: '' } : { core: version.slice(0, at), build: version.slice(at) };
}

/**
 * How a project's versions are called where room is short: without their build part, unless two releases would then have one name.
 * A label that could mean two releases is worse than a long one.
 */
export function shortNames(versions: Iterable<string>): (version: string) => string {
  const byCore = new Map<string, Set<string>>();
  for (const version of versions) {
    const { core } = splitVersion(version);
    const same = byCore.get(core);
    if (same === undefined) byCore.set(core, new Set([version]));
    else same.add(version);
  }
  return (version) => {
    const { core } = splitVersion(version);
    const same = byCore.get(core);
    return same === undefined || (same.size === 1 && same.has(version)) ? core : version;
  };
}

/** `1.4.0, 1.3.9 and 1.3.8`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** Made once: making one costs as much as some tens of numbers, and a log that is written counts in every frame. */
const NUMBERS = new Intl.NumberFormat('en-GB');

/** `1 commit`, `3 commits`. */
export function counted(n: number, word: string): string {
  return `${NUMBERS.format(n)} ${word}${n === 1 ? '' : 's'}`;
}
