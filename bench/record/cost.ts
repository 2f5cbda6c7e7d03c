/** What a piece of work costs: the time it took, and the time it kept processors busy, which a busy machine makes longer by less. */

export interface Cost {
  wall_us: number;
  /** Of all threads, the kernel's work for them included. */
  cpu_us: number;
}

export const MEASURES = ['wall_us', 'cpu_us'] as const satisfies (keyof Cost)[];

export async function costOf(work: () => Promise<void> | void): Promise<Cost> {
  const [begin, busy] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(busy);
  return { wall_us: (performance.now() - begin) * 1000, cpu_us: user + system };
}
