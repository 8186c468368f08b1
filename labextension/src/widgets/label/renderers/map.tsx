/** Items on a plane, as an embedding puts them; a lasso or a box chooses those to label first. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isKey } from "../keys";
import { Key } from "../parts";
import type { Corner } from "../points";
import { count, type Session } from "../session";
import { arrow, useTaker } from "../taking";
import type { Rendered } from "./index";
import { brushOf, countWithin, drawHere, drawLine, drawPoints, HEIGHT, scaleOf, WIDTH } from "./map_drawing";
import { Chosen, Hues, Told } from "./map_legend";

const STEP = 12;
const APART = 3;
/** Puts the keyboard on the map, where no answer and no action has it. */
const TO_MAP = "m";

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function EmbeddingMap({ session, show, item }: Rendered) {
  const back = useRef<HTMLCanvasElement>(null);
  const front = useRef<HTMLCanvasElement>(null);
  const isDrawing = useRef(false);
  const [line, setLine] = useState<Corner[]>([]);
  const [box, setBox] = useState<Box | null>(null);
  const [isFocused, setFocused] = useState(false);
  const { points, chosen } = session.map;
  const [xName = "", yName = ""] = show.columns;
  useEffect(() => void session.map.ask(), [item.key]);
  points.know(
    session.known.map(({ key, fields, mine }) => ({
      key, x: fields[xName], y: fields[yName], isDone: Object.keys(mine).length > 0,
    })),
  );
  const scale = useMemo(() => scaleOf(points), [points.version]);
  const wanted = box ? cornersOf(box) : line;
  const nWithin = useMemo(
    () => (isDrawing.current ? 0 : countWithin(points, scale, wanted)),
    [points.version, box, line],
  );

  useEffect(() => {
    const context = brushOf(back.current);
    if (context) drawPoints(context, points, scale, chosen?.within ?? null);
  }, [points.version, chosen]);
  useLayoutEffect(() => {
    const context = brushOf(front.current);
    if (!context) return;
    if (chosen) drawLine(context, chosen.within.map(([x, y]) => scale.toScreen(x, y)), true);
    drawLine(context, wanted, false);
    const [x, y] = [Number(item.fields[xName]), Number(item.fields[yName])];
    if (Number.isFinite(x) && Number.isFinite(y)) drawHere(context, scale.toScreen(x, y));
  }, [points.version, chosen, line, box, item.key]);

  const drop = (): void => {
    setLine([]);
    setBox(null);
  };
  const leave = (): void => front.current?.closest<HTMLElement>(".qfl")?.focus({ preventScroll: true });
  const choose = (): void => {
    session.choose(wanted.map(scale.toData));
    drop();
    leave();
  };
  const reach = (to: Box): void => {
    setBox(to);
    session.tell(`${count(countWithin(points, scale, cornersOf(to)), "point")} in the box`);
  };
  useTaker(({ key, isShift }) => {
    const isDrawn = wanted.length > 2;
    const by = isFocused ? arrow(key, STEP) : null;
    if (by) reach(isShift ? sized(box ?? MIDDLE, by) : moved(box ?? MIDDLE, by));
    else if (key === "Enter" && isDrawn) choose();
    else if (key === "Escape" && isDrawn) drop();
    else if (key === "Escape" && isFocused) leave();
    else if (isKey(key, TO_MAP) && isFree(session, TO_MAP)) {
      front.current?.focus();
      reach(MIDDLE);
    } else return false;
    return true;
  });

  const at = (event: PointerEvent): Corner => {
    const frame = front.current!.getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * WIDTH,
      ((event.clientY - frame.top) / frame.height) * HEIGHT,
    ];
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    isDrawing.current = true;
    front.current?.setPointerCapture?.(event.pointerId);
    setBox(null);
    setLine([at(event)]);
  };
  const move = (event: PointerEvent): void => {
    if (!isDrawing.current) return;
    const [x, y] = at(event);
    setLine((before) => {
      const [lastX, lastY] = before[before.length - 1]!;
      return Math.hypot(x - lastX, y - lastY) < APART ? before : [...before, [x, y]];
    });
  };
  const up = (): void => {
    if (!isDrawing.current) return;
    isDrawing.current = false;
    setLine((before) => (before.length > 2 ? [...before] : []));
    leave();
  };
  return (
    <div class="qfl-map">
      <div class="qfl-plane">
        <canvas ref={back} width={WIDTH} height={HEIGHT} aria-hidden="true" />
        <canvas
          ref={front}
          width={WIDTH}
          height={HEIGHT}
          tabIndex={0}
          role="application"
          aria-roledescription="map"
          aria-label={`${count(points.keys.length, "item")} by ${xName} and ${yName}: arrows move a box, shift and arrows size it, Enter chooses what is in it`}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={up}
        />
      </div>
      <Hues map={session.map} />
      <p class="qfl-hint qfl-row">
        {wanted.length > 2 ? (
          <>
            <span>
              {count(nWithin, "point")} {box ? "in the box (arrows move it, ⇧ arrows size it):" : "in the lasso:"}
            </span>
            <button type="button" disabled={!nWithin} onClick={choose}>
              Label only these <Key of="Enter" />
            </button>
            <button type="button" onClick={drop}>
              Let go <Key of="Escape" />
            </button>
          </>
        ) : chosen ? (
          <Chosen session={session} chosen={chosen} />
        ) : (
          <span>
            Draw a lasso around items to label them first
            {isFree(session, TO_MAP) ? (
              <>
                , or press <Key of={TO_MAP} /> for a box
              </>
            ) : null}
          </span>
        )}
      </p>
      <Told points={points} />
    </div>
  );
}

const MIDDLE: Box = { x: WIDTH / 2 - 80, y: HEIGHT / 2 - 50, width: 160, height: 100 };

const cornersOf = ({ x, y, width, height }: Box): Corner[] => [
  [x, y], [x + width, y], [x + width, y + height], [x, y + height],
];

const moved = (box: Box, [dx, dy]: Corner): Box => ({
  ...box,
  x: Math.min(WIDTH - 8, Math.max(8 - box.width, box.x + dx)),
  y: Math.min(HEIGHT - 8, Math.max(8 - box.height, box.y + dy)),
});

const sized = (box: Box, [dx, dy]: Corner): Box => ({
  ...box,
  width: Math.min(WIDTH, Math.max(8, box.width + dx)),
  height: Math.min(HEIGHT, Math.max(8, box.height + dy)),
});

function isFree(session: Session, key: string): boolean {
  const answers = session.questions.flatMap((each) => each.answers.map((one) => one.key));
  return ![...answers, ...Object.values(session.hello?.keys ?? {})].some((each) => isKey(key, each));
}
