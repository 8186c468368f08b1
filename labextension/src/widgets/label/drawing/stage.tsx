/** A picture with what is marked on it, to be zoomed, and drawn on where a question asks for it. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { isKey } from "../keys";
import type { Question } from "../protocol";
import type { Decoded } from "../renderers/image";
import type { Session } from "../session";
import { useTaker } from "../taking";
import { BrushLayer } from "../questions/brush";
import { clamp } from "./shapes";
import { ShapeLayer } from "./shape_layer";

const WIDEST = 640;
const TALLEST = 460;
const LARGEST_PIXEL = 10;
const ZOOM = 1.4;

export interface Place {
  /** Screen pixels a picture's pixel takes. */
  scale: number;
  width: number;
  height: number;
}

export function Stage(given: {
  session: Session;
  name: string;
  picture: Decoded;
  questions: Question[];
}) {
  const { session, picture, questions } = given;
  const { width, height } = picture;
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const wide = useWidth(frame);
  const fit = Math.min(wide / width, TALLEST / height, LARGEST_PIXEL);
  const scale = fit * zoom;
  const zoomed = (factor: number) =>
    setZoom((before) => (factor ? clamp(before * factor, 0.5, 40) : 1));

  useEffect(() => {
    canvas.current?.getContext("2d")?.drawImage(picture.source, 0, 0, width, height);
  }, [picture]);
  useTaker(({ key }) => {
    const taken = session.question?.answers.map((each) => each.key) ?? [];
    for (const [wanted, factor] of ZOOMS) {
      if (isKey(key, wanted) && !taken.includes(wanted)) {
        zoomed(factor);
        return true;
      }
    }
    return false;
  });

  // A drawing prevents what gives the keyboard to a thing that is clicked.
  const toKeys = (): void => frame.current?.closest<HTMLElement>(".qfl")?.focus({ preventScroll: true });
  const active = questions.find((each) => each.name === session.question?.name) ?? questions[0];
  const place: Place = { scale, width, height };
  return (
    <div class="qfl-stage">
      <div ref={frame} class="qfl-scroll" tabIndex={-1}>
        <div
          class="qfl-picture"
          style={{ width: `${width * scale}px`, height: `${height * scale}px` }}
          onPointerDown={toKeys}
        >
          <canvas
            ref={canvas}
            width={width}
            height={height}
            role="img"
            aria-label={`Picture of “${given.name}”, ${width} × ${height} pixels`}
            class={scale > 1.5 ? "qfl-pixelated" : undefined}
          />
          {questions.map((question) => {
            const Layer = question.kind === "brush" ? BrushLayer : ShapeLayer;
            return (
              <Layer
                key={question.name}
                session={session}
                question={question}
                place={place}
                isActive={question === active}
              />
            );
          })}
        </div>
      </div>
      <div class="qfl-row" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom out" onClick={() => zoomed(1 / ZOOM)}>
          − <kbd aria-hidden="true">-</kbd>
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => zoomed(ZOOM)}>
          + <kbd aria-hidden="true">+</kbd>
        </button>
        <button type="button" onClick={() => zoomed(0)}>
          Fit <kbd aria-hidden="true">=</kbd>
        </button>
        <span class="qfl-soft">
          {Math.round(scale * 100)} % · {width} × {height} px
        </span>
      </div>
    </div>
  );
}

/** Follow how wide a picture may be, so that it fits a narrow column. */
function useWidth(frame: RefObject<HTMLElement>): number {
  const [wide, setWide] = useState(WIDEST);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const look = (): void => setWide(clamp(element.clientWidth || WIDEST, 80, WIDEST));
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, [frame]);
  return wide;
}

const ZOOMS: [string, number][] = [["+", ZOOM], ["-", 1 / ZOOM], ["=", 0]];
