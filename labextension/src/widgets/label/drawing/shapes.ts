/** What a kind of shape has to know, so that it is drawn by mouse, pen and keys. */
import type { JSX } from "preact";
import { boxes } from "../questions/boxes";
import { circles } from "../questions/circles";
import { polygons } from "../questions/polygons";
import type { Kind } from "../protocol";

export interface Labelled {
  label: string;
}

export interface Size {
  width: number;
  height: number;
}

export interface ShapeKind<Shape extends Labelled = any> {
  /** What one is called. */
  one: string;
  /** Points are set one after the other, the last one follows the pointer. */
  isByPoints: boolean;
  start(x: number, y: number, label: string): Shape;
  drag(shape: Shape, fromX: number, fromY: number, x: number, y: number): Shape;
  /** Put one into the middle of what is seen, to be moved with keys. */
  place(x: number, y: number, size: number, label: string): Shape;
  move(shape: Shape, dx: number, dy: number): Shape;
  resize(shape: Shape, dx: number, dy: number): Shape;
  /** Bring it to what is kept, inside the picture; null where there is nothing of it. */
  finish(shape: Shape, size: Size): Shape | null;
  contains(shape: Shape, x: number, y: number): boolean;
  draw(shape: Shape): JSX.Element;
  tell(shape: Shape): string;
}

export const SHAPES: { [kind in Kind]?: ShapeKind } = { boxes, circles, polygons };

export const COLOURS = [
  "#f5a300", "#2f9bff", "#e0559b", "#26b36b", "#a06bff", "#e0552e", "#17b3b8", "#b6a300",
];

export const colourOf = (index: number): string => COLOURS[Math.max(0, index) % COLOURS.length]!;

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

export const rounded = (value: number): number => Math.round(value * 100) / 100;
