/** The shapes of one question over a picture; drawn by mouse, pen and keys. */
import { useRef, useState } from "preact/hooks";
import { isKey } from "../keys";
import type { Question } from "../protocol";
import type { Session } from "../session";
import { arrow, useTaker, type Press } from "../taking";
import { colourOf, SHAPES, type Labelled } from "./shapes";
import type { Place } from "./stage";

const STEPS = [5, 1, 20];
const CLICK_PX = 4;

interface Layer {
  session: Session;
  question: Question;
  place: Place;
  isActive: boolean;
}

export function ShapeLayer({ session, question, place, isActive }: Layer) {
  const kind = SHAPES[question.kind]!;
  const [pending, setPending] = useState<Labelled | null>(null);
  const [step, setStep] = useState(0);
  const from = useRef<[number, number] | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  const draft = session.draft;
  const shapes: Labelled[] = listOf(draft?.answers[question.name]);
  const picked = session.hand.picked?.name === question.name ? session.hand.picked.at : -1;
  const label = session.hand.labelOf(question);
  const size = { width: place.width, height: place.height };
  const keep = (shape: Labelled | null): void => {
    const whole = shape && kind.finish(shape, size);
    if (whole) session.answer(question, [...shapes, whole]);
    setPending(null);
  };
  if (pending) session.hand.unfinished.set(question.name, () => keep(pending));
  else session.hand.unfinished.delete(question.name);
  const change = (at: number, shape: Labelled | null): void =>
    session.answer(question, shapes.flatMap((each, n) => (n === at ? (shape ? [shape] : []) : [each])));
  const moved = (shape: Labelled, [dx, dy]: [number, number], isShift: boolean): Labelled =>
    isShift ? kind.resize(shape, dx, dy) : kind.move(shape, dx, dy);

  useTaker((press: Press) => {
    if (session.question?.name !== question.name) return false;
    const by = arrow(press.key, STEPS[step]!);
    const chosen = question.answers.find((each) => isKey(press.key, each.key));
    const held = shapes[picked];
    if (press.key === "Escape" && (pending || held)) {
      setPending(null);
      session.hand.pick(null);
    } else if (press.key === "Enter" && pending) {
      keep(pending);
    } else if (press.key === "Space" && pending && kind.isByPoints) {
      const { points } = pending as any;
      setPending({ ...pending, points: [...points, points[points.length - 1]] } as any);
    } else if (press.key === "." && !chosen) {
      setStep((step + 1) % STEPS.length);
    } else if (by && pending) {
      setPending(moved(pending, by, press.isShift));
    } else if (by && held) {
      const shape = kind.finish(moved(held, by, press.isShift), size);
      if (shape) change(picked, shape);
    } else if ((press.key === "Delete" || press.key === "Backspace") && held) {
      change(picked, null);
      session.hand.pick(null);
    } else if (chosen && held) {
      change(picked, { ...held, label: chosen.answer });
    } else if (chosen) {
      session.hand.labelWith(question, chosen.answer);
      const wide = Math.max(4, Math.round(Math.min(size.width, size.height) / 5));
      setPending(kind.place(Math.round(size.width / 2), Math.round(size.height / 2), wide, chosen.answer));
    } else return false;
    return true;
  });

  const at = (event: PointerEvent): [number, number] => {
    const frame = svg.current!.getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * size.width,
      ((event.clientY - frame.top) / frame.height) * size.height,
    ];
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const [x, y] = at(event);
    event.preventDefault();
    if (kind.isByPoints && pending && from.current === null) {
      const { points } = pending as any;
      const [firstX, firstY] = points[0];
      const isClosing = Math.hypot(x - firstX, y - firstY) * place.scale < 2 * CLICK_PX;
      if (isClosing && points.length > 3) keep({ ...pending, points: points.slice(0, -1) } as any);
      else setPending({ ...pending, points: [...points.slice(0, -1), [x, y], [x, y]] } as any);
      return;
    }
    session.focus(question.name);
    svg.current?.setPointerCapture?.(event.pointerId);
    from.current = [x, y];
    setPending(kind.start(x, y, label));
  };
  const move = (event: PointerEvent): void => {
    if (!pending || (!from.current && !kind.isByPoints)) return;
    const [x, y] = at(event);
    const [fromX, fromY] = from.current ?? [x, y];
    setPending(kind.drag(pending, fromX, fromY, x, y));
  };
  const up = (event: PointerEvent): void => {
    const start = from.current;
    if (!start) return;
    from.current = null;
    const [x, y] = at(event);
    const isClick = Math.hypot(x - start[0], y - start[1]) * place.scale < CLICK_PX;
    const under = shapes.findIndex((each) => kind.contains(each, x, y));
    if (isClick && under >= 0) {
      setPending(null);
      session.hand.pick({ name: question.name, at: under });
    } else if (kind.isByPoints) {
      return;
    } else if (isClick) {
      setPending(null);
      session.hand.pick(null);
    } else {
      const whole = pending && kind.finish(pending, size);
      keep(pending);
      if (whole) session.hand.pick({ name: question.name, at: shapes.length });
    }
  };

  const line = 2 / place.scale;
  const paint = (each: Labelled) =>
    colourOf(question.answers.findIndex((one) => one.answer === each.label));
  return (
    <svg
      ref={svg}
      class={`qfl-layer${isActive ? " qfl-drawing" : ""}`}
      viewBox={`0 0 ${size.width} ${size.height}`}
      aria-hidden="true"
      onPointerDown={isActive ? down : undefined}
      onPointerMove={isActive ? move : undefined}
      onPointerUp={isActive ? up : undefined}
      onPointerCancel={() => setPending(null)}
      onDblClick={() => pending && kind.isByPoints && keep(pending)}
    >
      {shapes.map((each, n) => (
        <g
          key={n}
          stroke={paint(each)}
          fill={paint(each)}
          fill-opacity={n === picked ? 0.3 : 0.08}
          stroke-width={n === picked ? 2 * line : line}
        >
          {kind.draw(each)}
        </g>
      ))}
      {pending ? (
        <g
          class="qfl-pending"
          stroke={paint(pending)}
          fill={paint(pending)}
          fill-opacity={0.15}
          stroke-width={line}
          stroke-dasharray={`${3 * line} ${2 * line}`}
        >
          {kind.draw(pending)}
          {kind.isByPoints
            ? (pending as any).points.map(([x, y]: [number, number], n: number) => (
                <circle key={n} cx={x} cy={y} r={2 * line} fill-opacity={1} />
              ))
            : null}
        </g>
      ) : null}
    </svg>
  );
}

export const listOf = (value: any): any[] => (Array.isArray(value) ? value : []);
