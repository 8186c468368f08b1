/** From 16-bit brightness to what a screen can show: linear, asinh and zscale. */

export const STRETCHES = ["zscale", "asinh", "linear"] as const;
export type Stretch = (typeof STRETCHES)[number];

/** Value of a pixel that has none. */
export const BLANK = 0;
const N_SAMPLED = 4_096;
const CONTRAST = 0.25;
const N_REJECTIONS = 5;
const KAPPA = 2.5;

export interface Limits {
  low: number;
  high: number;
}

/** Give the brightnesses that become black and white. */
export function limitsOf(pixels: Uint16Array, stretch: Stretch): Limits {
  const sample = sampled(pixels);
  const low = sample[0] ?? 0;
  const high = sample[sample.length - 1] ?? 1;
  if (stretch === "linear" || sample.length < 5) return { low, high };
  if (stretch === "asinh") return { low: quantile(sample, 0.01), high: quantile(sample, 0.995) };
  return zscale(sample);
}

/** Look up the grey level, 0 to 255, of each of the 65,536 brightnesses. */
export function lookUp(stretch: Stretch, { low, high }: Limits): Uint8ClampedArray {
  const table = new Uint8ClampedArray(65_536);
  const span = Math.max(high - low, 1e-9);
  const softening = 0.1;
  const whole = Math.asinh(1 / softening);
  for (let i = 0; i < table.length; i += 1) {
    const at = Math.min(1, Math.max(0, (i - low) / span));
    table[i] = 255 * (stretch === "asinh" ? Math.asinh(at / softening) / whole : at);
  }
  return table;
}

/** Draw brightnesses as a grey picture; those that are none become see-through. */
export function grey(pixels: Uint16Array, table: Uint8ClampedArray): Uint8ClampedArray {
  const found = new Uint8ClampedArray(4 * pixels.length);
  for (let i = 0; i < pixels.length; i += 1) {
    const value = pixels[i]!;
    const level = table[value]!;
    found[4 * i] = found[4 * i + 1] = found[4 * i + 2] = level;
    found[4 * i + 3] = value === BLANK ? 0 : 255;
  }
  return found;
}

function sampled(pixels: Uint16Array): Float64Array {
  const step = Math.max(1, Math.floor(pixels.length / N_SAMPLED));
  const found: number[] = [];
  for (let i = 0; i < pixels.length; i += step) {
    const value = pixels[i]!;
    if (value !== BLANK) found.push(value);
  }
  return Float64Array.from(found).sort();
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

/**
 * IRAF's zscale: a line through the sorted sample without its outliers, made steeper by the
 * contrast around the median.
 */
function zscale(sample: Float64Array): Limits {
  const n = sample.length;
  const low = sample[0]!;
  const high = sample[n - 1]!;
  const middle = (n - 1) / 2;
  const median = quantile(sample, 0.5);
  const kept = new Uint8Array(n).fill(1);
  let slope = 0;
  let nKept = n;
  for (let round = 0; round < N_REJECTIONS; round += 1) {
    const line = fit(sample, kept);
    slope = line.slope;
    const limit = KAPPA * line.sigma;
    let nLeft = 0;
    for (let i = 0; i < n; i += 1) {
      const off = Math.abs(sample[i]! - (line.start + line.slope * i));
      if (kept[i] && off > limit) kept[i] = 0;
      nLeft += kept[i]!;
    }
    if (nLeft === nKept) break;
    nKept = nLeft;
  }
  if (nKept < Math.max(5, n / 2)) return { low, high };
  const steep = slope / CONTRAST;
  return {
    low: Math.max(low, median - middle * steep),
    high: Math.min(high, Math.max(median + (n - 1 - middle) * steep, low + 1)),
  };
}

function fit(values: Float64Array, kept: Uint8Array) {
  let n = 0, sumX = 0, sumY = 0;
  values.forEach((y, x) => {
    if (!kept[x]) return;
    n += 1;
    sumX += x;
    sumY += y;
  });
  const meanX = sumX / n, meanY = sumY / n;
  let sxx = 0, sxy = 0;
  values.forEach((y, x) => {
    if (!kept[x]) return;
    sxx += (x - meanX) ** 2;
    sxy += (x - meanX) * (y - meanY);
  });
  const slope = sxx ? sxy / sxx : 0;
  const start = meanY - slope * meanX;
  let squares = 0;
  values.forEach((y, x) => {
    if (kept[x]) squares += (y - start - slope * x) ** 2;
  });
  return { slope, start, sigma: Math.sqrt(squares / Math.max(1, n)) };
}
