/** Boxes on a picture, in its pixels: `{x, y, width, height, label}`. */
import { clamp, rounded, type ShapeKind } from "../drawing/shapes";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  label: string;
}

export const boxes: ShapeKind<Box> = {
  one: "box",
  isByPoints: false,
  start: (x, y, label) => ({ x, y, width: 0, height: 0, label }),
  drag: (shape, fromX, fromY, x, y) => ({
    ...shape,
    x: Math.min(fromX, x),
    y: Math.min(fromY, y),
    width: Math.abs(x - fromX),
    height: Math.abs(y - fromY),
  }),
  place: (x, y, size, label) => ({ x: x - size / 2, y: y - size / 2, width: size, height: size, label }),
  move: (shape, dx, dy) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }),
  resize: (shape, dx, dy) => ({
    ...shape,
    width: Math.max(1, shape.width + dx),
    height: Math.max(1, shape.height + dy),
  }),
  finish: (shape, size) => {
    const x = rounded(clamp(shape.x, 0, size.width));
    const y = rounded(clamp(shape.y, 0, size.height));
    const width = rounded(clamp(shape.x + shape.width, 0, size.width) - x);
    const height = rounded(clamp(shape.y + shape.height, 0, size.height) - y);
    return width >= 1 && height >= 1 ? { x, y, width, height, label: shape.label } : null;
  },
  contains: (shape, x, y) =>
    x >= shape.x && x <= shape.x + shape.width && y >= shape.y && y <= shape.y + shape.height,
  draw: (shape) => (
    <rect x={shape.x} y={shape.y} width={Math.max(0, shape.width)} height={Math.max(0, shape.height)} />
  ),
  tell: (shape) =>
    `at ${Math.round(shape.x)}, ${Math.round(shape.y)}, ` +
    `${Math.round(shape.width)} × ${Math.round(shape.height)} px`,
};
