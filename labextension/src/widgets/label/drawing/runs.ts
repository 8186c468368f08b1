/** Painted pixels as runs (start, length, start, length …), row by row. */

export function runsOf(mask: Uint8Array): number[] {
  const runs: number[] = [];
  for (let i = 0; i < mask.length; i += 1) {
    if (!mask[i]) continue;
    const start = i;
    while (mask[i + 1]) i += 1;
    runs.push(start, i + 1 - start);
  }
  return runs;
}

export function maskOf(runs: number[], nPixels: number): Uint8Array {
  const mask = new Uint8Array(nPixels);
  for (let i = 0; i + 1 < runs.length; i += 2) {
    mask.fill(1, runs[i]!, runs[i]! + runs[i + 1]!);
  }
  return mask;
}

/** Paint a round dab, or wipe one away. */
export function dab(
  mask: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  radius: number,
  value: 0 | 1,
): void {
  for (let row = Math.ceil(y - radius); row <= y + radius; row += 1) {
    if (row < 0 || row >= height) continue;
    const half = Math.sqrt(Math.max(0, radius * radius - (row - y) ** 2));
    const first = Math.max(0, Math.ceil(x - half));
    const last = Math.min(width - 1, Math.floor(x + half));
    if (last >= first) mask.fill(value, row * width + first, row * width + last + 1);
  }
}

/** Paint along a line, so that a fast hand leaves no gaps. */
export function stroke(
  mask: Uint8Array,
  width: number,
  height: number,
  from: [number, number],
  to: [number, number],
  radius: number,
  value: 0 | 1,
): void {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const n = Math.max(1, Math.ceil(length));
  for (let i = 0; i <= n; i += 1) {
    const share = i / n;
    const x = from[0] + (to[0] - from[0]) * share;
    const y = from[1] + (to[1] - from[1]) * share;
    dab(mask, width, height, x, y, radius, value);
  }
}
