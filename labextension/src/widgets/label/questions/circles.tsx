/** Circles on a picture, in its pixels: `{x, y, radius, label}`. */
import { clamp, rounded, type ShapeKind } from "../drawing/shapes";

export interface Circle {
  x: number;
  y: number;
  radius: number;
  label: string;
}

export const circles: ShapeKind<Circle> = {
  one: "circle",
  isByPoints: false,
  start: (x, y, label) => ({ x, y, radius: 0, label }),
  drag: (shape, fromX, fromY, x, y) => ({ ...shape, radius: Math.hypot(x - fromX, y - fromY) }),
  place: (x, y, size, label) => ({ x, y, radius: size / 2, label }),
  move: (shape, dx, dy) => ({ ...shape, x: shape.x + dx, y: shape.y + dy }),
  resize: (shape, dx, dy) => ({ ...shape, radius: Math.max(0.5, shape.radius + dx - dy) }),
  finish: (shape, size) =>
    shape.radius < 0.5
      ? null
      : {
          x: rounded(clamp(shape.x, 0, size.width)),
          y: rounded(clamp(shape.y, 0, size.height)),
          radius: rounded(shape.radius),
          label: shape.label,
        },
  contains: (shape, x, y) => Math.hypot(x - shape.x, y - shape.y) <= shape.radius,
  draw: (shape) => <circle cx={shape.x} cy={shape.y} r={Math.max(0, shape.radius)} />,
  tell: (shape) =>
    `around ${Math.round(shape.x)}, ${Math.round(shape.y)}, radius ${Math.round(shape.radius)} px`,
};
