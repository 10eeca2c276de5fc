const UNITS = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "min", ms: 60_000 },
] as const;

/** A duration as people say it: `0.4 s`, `12 s`, `3 min`, `2 h`, `5 d`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  const unit = UNITS.find((candidate) => ms >= 2 * candidate.ms);
  if (unit !== undefined) return `${Math.round(ms / unit.ms)} ${unit.name}`;
  return ms < 1_000 ? `${(Math.ceil(ms / 100) / 10).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}
