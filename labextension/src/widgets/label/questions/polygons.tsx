/** Polygons on a picture, in its pixels: `{points: [[x, y], …], label}`. */
import { clamp, rounded, type ShapeKind } from "../drawing/shapes";

export type Point = [number, number];

export interface Polygon {
  points: Point[];
  label: string;
}

export const polygons: ShapeKind<Polygon> = {
  one: "polygon",
  isByPoints: true,
  start: (x, y, label) => ({ points: [[x, y], [x, y]], label }),
  drag: (shape, _fromX, _fromY, x, y) => ({ ...shape, points: [...shape.points.slice(0, -1), [x, y]] }),
  place: (x, y, _size, label) => ({ points: [[x, y]], label }),
  move: (shape, dx, dy) => {
    const [x, y] = shape.points[shape.points.length - 1]!;
    return { ...shape, points: [...shape.points.slice(0, -1), [x + dx, y + dy]] };
  },
  resize: (shape, dx, dy) => ({
    ...shape,
    points: shape.points.map(([x, y]): Point => [x + dx, y + dy]),
  }),
  finish: (shape, size) => {
    const points = shape.points
      .map(([x, y]): Point => [rounded(clamp(x, 0, size.width)), rounded(clamp(y, 0, size.height))])
      .filter(([x, y], at, all) => {
        const before = all[at - 1];
        return !before || before[0] !== x || before[1] !== y;
      });
    return points.length >= 3 ? { points, label: shape.label } : null;
  },
  contains: ({ points }, x, y) => isInside(points, x, y),
  draw: (shape) => <polygon points={shape.points.map((each) => each.join(",")).join(" ")} />,
  tell: (shape) => {
    const [x, y] = shape.points[0]!;
    return `of ${shape.points.length} points from ${Math.round(x)}, ${Math.round(y)}`;
  },
};

/** Count how often a ray to the right crosses the edges. */
export function isInside(points: Point[], x: number, y: number): boolean {
  let inside = false;
  points.forEach(([ax, ay], at) => {
    const [bx, by] = points[(at || points.length) - 1]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}
