/** Items on a plane, as an embedding puts them; a lasso gives many the same answers at once. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { colourOf } from "../drawing/shapes";
import { isInside, type Point } from "../questions/polygons";
import { count } from "../session";
import { useTaker } from "../taking";
import type { Rendered } from "./index";

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = 14;
/** Seen on light and on dark, so that a change of the theme needs no new drawing. */
const GREY = "#868d96";

interface Dot {
  key: string;
  x: number;
  y: number;
  isDone: boolean;
}

export function EmbeddingMap({ session, show, item }: Rendered) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [lasso, setLasso] = useState<Point[]>([]);
  const [held, setHeld] = useState<string[]>([]);
  const isDrawing = useRef(false);
  const [xName = "", yName = ""] = show.columns;
  const dots = useDots(session, xName, yName);
  const toScreen = useMemo(() => scaleOf(dots), [dots]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, WIDTH, HEIGHT);
    const chosen = new Set(held);
    for (const dot of dots) {
      const [x, y] = toScreen(dot);
      const isHere = dot.key === item.key;
      context.beginPath();
      context.arc(x, y, isHere ? 7 : 3.5, 0, 2 * Math.PI);
      context.globalAlpha = isHere || chosen.has(dot.key) ? 1 : 0.65;
      context.fillStyle = isHere ? colourOf(0) : chosen.has(dot.key) ? colourOf(1) : GREY;
      if (dot.isDone && !isHere) {
        context.strokeStyle = context.fillStyle;
        context.stroke();
      } else context.fill();
    }
    context.globalAlpha = 1;
    if (lasso.length > 1) {
      context.beginPath();
      lasso.forEach(([x, y]) => context.lineTo(x, y));
      context.closePath();
      context.strokeStyle = colourOf(1);
      context.setLineDash([4, 3]);
      context.stroke();
      context.setLineDash([]);
    }
  }, [dots, lasso, held, item.key]);

  const at = (event: PointerEvent): Point => {
    const frame = canvas.current!.getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * WIDTH,
      ((event.clientY - frame.top) / frame.height) * HEIGHT,
    ];
  };
  const end = (): void => {
    if (!isDrawing.current) return;
    isDrawing.current = false;
    const found = dots.filter((each) => isInside(lasso, ...toScreen(each))).map((each) => each.key);
    setHeld(found);
    session.tell(found.length ? `${count(found.length, "item")} in the lasso` : "The lasso is empty");
  };
  const drop = (): void => {
    setLasso([]);
    setHeld([]);
  };
  const give = (): void => {
    session.submitMany(held);
    drop();
  };
  useTaker(({ key }) => {
    if (key === "Enter" && held.length) give();
    else if (key === "Escape" && held.length) drop();
    else return false;
    return true;
  });
  return (
    <div class="qfl-map">
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={`${count(dots.length, "item")} by ${xName} and ${yName}; the one to label is large`}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          isDrawing.current = true;
          canvas.current?.setPointerCapture?.(event.pointerId);
          setHeld([]);
          setLasso([at(event)]);
        }}
        onPointerMove={(event) => {
          if (isDrawing.current) setLasso([...lasso, at(event)]);
        }}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <p class="qfl-hint">
        {held.length ? (
          <>
            {count(held.length, "item")} in the lasso: answer below, then{" "}
            <button type="button" onClick={give}>
              Label all {held.length} <kbd aria-hidden="true">↵</kbd>
            </button>{" "}
            <button type="button" onClick={drop}>
              Let go <kbd aria-hidden="true">Esc</kbd>
            </button>
          </>
        ) : (
          "Draw a lasso around items to give them the same answers"
        )}
      </p>
    </div>
  );
}

/** All items where the kernel tells them, else those that came so far. */
function useDots(session: Rendered["session"], xName: string, yName: string): Dot[] {
  const [told, setTold] = useState<Dot[] | null>(null);
  useEffect(() => {
    session.channel.request("map", {}, 20_000).then(
      (reply) => {
        const { keys, x, y, done } = reply as { [name: string]: any[] };
        setTold(
          keys!.map((key, n) => ({ key, x: x![n], y: y![n], isDone: Boolean(done?.[n]) })).filter(isPlaced),
        );
      },
      () => setTold(null),
    );
  }, [session]);
  const known = session.known;
  return useMemo(
    () =>
      told ??
      known
        .map(({ key, fields, mine }) => ({
          key,
          x: fields[xName],
          y: fields[yName],
          isDone: Object.keys(mine).length > 0,
        }))
        .filter(isPlaced),
    [told, known.length],
  );
}

const isPlaced = (dot: Dot): boolean => Number.isFinite(dot.x) && Number.isFinite(dot.y);

function scaleOf(dots: Dot[]): (dot: Dot) => Point {
  const [x0, x1] = rangeOf(dots.map((each) => each.x));
  const [y0, y1] = rangeOf(dots.map((each) => each.y));
  return ({ x, y }) => [
    MARGIN + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - 2 * MARGIN),
    HEIGHT - MARGIN - ((y - y0) / (y1 - y0 || 1)) * (HEIGHT - 2 * MARGIN),
  ];
}

function rangeOf(values: number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const each of values) {
    low = Math.min(low, each);
    high = Math.max(high, each);
  }
  return [low, high];
}
