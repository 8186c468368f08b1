/** Painted pixels over a picture, one mask a label; by mouse, pen and keys. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isKey } from "../keys";
import type { Question } from "../protocol";
import type { Session } from "../session";
import { arrow, useTaker } from "../taking";
import { maskOf, runsOf, stroke } from "../drawing/runs";
import { clamp, colourOf } from "../drawing/shapes";
import { listOf } from "../drawing/shape_layer";
import type { Place } from "../drawing/stage";

const OPACITY = 120;

export interface Mask {
  width: number;
  height: number;
  label: string;
  runs: number[];
}

type Point = [number, number];

export function BrushLayer(given: {
  session: Session;
  question: Question;
  place: Place;
  isActive: boolean;
}) {
  const { session, question, place, isActive } = given;
  const { width, height } = place;
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | null>(null);
  const mask = useRef<Uint8Array | null>(null);
  const [cursor, setCursor] = useState<Point | null>(null);
  const [isDown, setDown] = useState(false);
  const { radius, isErasing } = session.hand.brush;
  const answer = session.draft?.answers[question.name];
  const masks: Mask[] = listOf(answer);
  const label = session.hand.labelOf(question);

  useEffect(() => show(canvas.current, question, masks), [answer, width, height]);

  const begin = (): void => {
    const found = masks.find((each) => each.label === label);
    mask.current = maskOf(found?.runs ?? [], width * height);
  };
  const paint = (to: Point, isWiping = isErasing): void => {
    if (!mask.current) begin();
    stroke(mask.current!, width, height, last.current ?? to, to, radius, isWiping ? 0 : 1);
    last.current = to;
    const others = masks.filter((each) => each.label !== label);
    show(canvas.current, question, others, { label, mask: mask.current! });
  };
  const keep = (): void => {
    const painted = mask.current;
    mask.current = last.current = null;
    if (!painted) return;
    const runs = runsOf(painted);
    const others = masks.filter((each) => each.label !== label);
    session.answer(question, runs.length ? [...others, { width, height, label, runs }] : others);
  };

  if (isDown) session.hand.unfinished.set(question.name, keep);
  else session.hand.unfinished.delete(question.name);
  useTaker(({ key, isShift }) => {
    if (session.question?.name !== question.name) return false;
    const by = arrow(key, isShift ? 1 : Math.max(1, Math.round(radius)));
    const chosen = question.answers.find((each) => isKey(key, each.key));
    if (chosen) {
      session.hand.labelWith(question, chosen.answer);
      setCursor(cursor ?? [Math.round(width / 2), Math.round(height / 2)]);
    } else if (key === "<" || key === ">") {
      session.hand.brushWith({ radius: clamp(radius * (key === ">" ? 1.5 : 1 / 1.5), 0.5, 200) });
    } else if (isKey(key, "e")) {
      session.hand.brushWith({ isErasing: !isErasing });
    } else if (by && cursor) {
      const to: Point = [
        clamp(cursor[0] + by[0], 0, width - 1),
        clamp(cursor[1] + by[1], 0, height - 1),
      ];
      if (isDown) paint(to);
      setCursor(to);
    } else if (key === "Space" && cursor) {
      if (isDown) keep();
      else {
        last.current = null;
        paint(cursor);
      }
      setDown(!isDown);
    } else if ((key === "Enter" || key === "Escape") && cursor) {
      if (isDown) keep();
      setDown(false);
      setCursor(null);
    } else return false;
    return true;
  });

  const at = (event: PointerEvent): Point => {
    const frame = canvas.current!.getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * width - 0.5,
      ((event.clientY - frame.top) / frame.height) * height - 0.5,
    ];
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.current?.setPointerCapture?.(event.pointerId);
    setCursor(null);
    session.focus(question.name);
    last.current = mask.current = null;
    paint(at(event), isErasing || event.shiftKey);
  };
  const move = (event: PointerEvent): void => {
    if (mask.current) paint(at(event), isErasing || event.shiftKey);
  };
  return (
    <>
      <canvas
        ref={canvas}
        class={`qfl-layer${isActive ? " qfl-drawing" : ""}${place.scale > 1.5 ? " qfl-pixelated" : ""}`}
        width={width}
        height={height}
        aria-hidden="true"
        onPointerDown={isActive ? down : undefined}
        onPointerMove={isActive ? move : undefined}
        onPointerUp={keep}
        onPointerCancel={keep}
      />
      {cursor && isActive ? (
        <svg class="qfl-layer qfl-aim" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <circle
            cx={cursor[0] + 0.5}
            cy={cursor[1] + 0.5}
            r={radius}
            fill={isDown ? "rgba(255,255,255,.35)" : "none"}
            stroke="#fff"
            stroke-width={1.5 / place.scale}
          />
          <circle
            cx={cursor[0] + 0.5}
            cy={cursor[1] + 0.5}
            r={radius + 1.5 / place.scale}
            fill="none"
            stroke="#000"
            stroke-width={1.5 / place.scale}
          />
        </svg>
      ) : null}
    </>
  );
}

function show(
  canvas: HTMLCanvasElement | null,
  question: Question,
  masks: Mask[],
  painted?: { label: string; mask: Uint8Array },
): void {
  const context = canvas?.getContext("2d");
  if (!canvas || !context) return;
  const image = context.createImageData(canvas.width, canvas.height);
  const fill = (label: string, mask: Uint8Array): void => {
    const colour = colourOf(question.answers.findIndex((each) => each.answer === label));
    const [red, green, blue] = [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16));
    for (let i = 0; i < mask.length; i += 1) {
      if (!mask[i]) continue;
      image.data[4 * i] = red!;
      image.data[4 * i + 1] = green!;
      image.data[4 * i + 2] = blue!;
      image.data[4 * i + 3] = OPACITY;
    }
  };
  for (const each of masks) fill(each.label, maskOf(each.runs, canvas.width * canvas.height));
  if (painted) fill(painted.label, painted.mask);
  context.putImageData(image, 0, 0);
}
