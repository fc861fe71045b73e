/** Figures out of measurements. */

/** Returns the middle one of the times. */
export function median(times: readonly number[]): number {
  return percentile(times, 50);
}

/** Returns the time that so many per cent of the times do not exceed. */
export function percentile(times: readonly number[], percent: number): number {
  const sorted = [...times].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}
