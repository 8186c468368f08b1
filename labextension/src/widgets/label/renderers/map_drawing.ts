/** Points as pixels, and back. */
import { colourOf } from "../drawing/shapes";
import { DONE, MINE, NONE, OPEN, SKIPPED, type Corner, type Hue, type Points } from "../points";
import { isInside } from "../questions/polygons";

export const WIDTH = 640;
export const HEIGHT = 400;
const MARGIN = 14;
/** Seen on light and on dark, so that a change of the theme needs no new drawing. */
const GREY = "#868d96";
const STEPS = ["#4a7fe0", "#1fa5b5", "#43b35f", "#b9ae24", "#e8872d"];
const MANY = 4_000;
const SEEN: Record<number, number> = { [OPEN]: 0.6, [MINE]: 1, [DONE]: 0.8, [SKIPPED]: 0.25 };

export interface Scale {
  toScreen(x: number, y: number): Corner;
  toData(corner: Corner): Corner;
}

export function scaleOf(points: Points): Scale {
  const [x0, x1] = rangeOf(points.x);
  const [y0, y1] = rangeOf(points.y);
  const [wide, high] = [WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN];
  return {
    toScreen: (x, y) => [MARGIN + ((x - x0) / (x1 - x0)) * wide, HEIGHT - MARGIN - ((y - y0) / (y1 - y0)) * high],
    toData: ([x, y]) => [x0 + ((x - MARGIN) / wide) * (x1 - x0), y0 + ((HEIGHT - MARGIN - y) / high) * (y1 - y0)],
  };
}

/** Let a single place lie in the middle. */
function rangeOf(values: Float64Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const each of values) {
    if (each < low) low = each;
    if (each > high) high = each;
  }
  if (!Number.isFinite(low)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

export function paintOf(hue: Hue, code: number): string {
  if (code === NONE || (hue.kind !== "steps" && code >= 8)) return GREY;
  return hue.kind === "steps" ? STEPS[code % STEPS.length]! : colourOf(code);
}

/** Prepare a canvas for a screen of any density. */
export function brushOf(canvas: HTMLCanvasElement | null): CanvasRenderingContext2D | null {
  const context = canvas?.getContext("2d") ?? null;
  if (!canvas || !context) return null;
  const density = Math.min(2, globalThis.devicePixelRatio || 1);
  if (canvas.width !== WIDTH * density) {
    canvas.width = WIDTH * density;
    canvas.height = HEIGHT * density;
  }
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  return context;
}

/** Draw every point: full where it is answered, faint outside of the chosen region. */
export function drawPoints(
  context: CanvasRenderingContext2D,
  points: Points,
  scale: Scale,
  region: Corner[] | null,
): void {
  const hue = points.hues[points.hue];
  const isMany = points.keys.length > MANY;
  const line = region?.map(([x, y]) => scale.toScreen(x, y));
  for (let at = 0; at < points.keys.length; at += 1) {
    const [x, y] = scale.toScreen(points.x[at]!, points.y[at]!);
    const isOut = line ? !isInside(line, x, y) : false;
    const state = points.state[at]!;
    context.globalAlpha = (SEEN[state] ?? 1) * (isOut ? 0.25 : 1);
    context.fillStyle = hue ? paintOf(hue, hue.codes[at]!) : state === OPEN ? GREY : colourOf(1);
    if (isMany) context.fillRect(x - 1.5, y - 1.5, 3, 3);
    else {
      context.beginPath();
      context.arc(x, y, 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

export function drawHere(context: CanvasRenderingContext2D, [x, y]: Corner): void {
  for (const [colour, width] of [["#fff", 5], [colourOf(0), 3]] as const) {
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}

/** Draw a line around a region; one that is not chosen yet is dashed. */
export function drawLine(context: CanvasRenderingContext2D, corners: Corner[], isChosen: boolean): void {
  if (corners.length < 2) return;
  context.beginPath();
  corners.forEach(([x, y]) => context.lineTo(x, y));
  context.closePath();
  context.globalAlpha = 0.08;
  context.fillStyle = colourOf(1);
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = colourOf(1);
  context.lineWidth = 2;
  context.setLineDash(isChosen ? [] : [5, 4]);
  context.stroke();
  context.setLineDash([]);
}

/** Count the points that are drawn within a line. */
export function countWithin(points: Points, scale: Scale, corners: Corner[]): number {
  let found = 0;
  for (let at = 0; at < points.keys.length; at += 1) {
    if (isInside(corners, ...scale.toScreen(points.x[at]!, points.y[at]!))) found += 1;
  }
  return found;
}
