/**
 * Ms that only grow and also count the time a machine slept. The wall clock is set back by hand and by network time, which would make silence
 * look young; the monotonic clock of some browsers stands still in sleep, which would make a link from before it look alive.
 */
export function steadyClock(wall: () => number, monotonic: () => number): () => number {
  let [wall_ms, monotonic_ms, steady_ms] = [wall(), monotonic(), 0];
  return () => {
    const [wall_now, monotonic_now] = [wall(), monotonic()];
    steady_ms += Math.max(wall_now - wall_ms, monotonic_now - monotonic_ms, 0);
    [wall_ms, monotonic_ms] = [wall_now, monotonic_now];
    return steady_ms;
  };
}
