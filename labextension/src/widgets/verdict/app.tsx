/** The whole view: the verdict first, then what it rests on, rows to look at, and what helps. */
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { Note } from "../cards";
import { newId } from "../rpc";
import { Tabs } from "../tabs";
import { Columns } from "./columns";
import type { Desk } from "./desk";
import { Dimensions, type Chosen } from "./dimensions";
import { Sign, Work } from "./parts";
import { Fixes } from "./plan";
import { Rows } from "./rows";
import { sentence, shown, type Verdict } from "./told";

const NAMES = ["Dimensions", "Columns", "Rows", "Fixes"];

export function App({ desk }: { desk: Desk }) {
  useDesk(desk);
  const root = useRef<HTMLDivElement>(null);
  const [id] = useState(() => `qfv-${newId().slice(0, 8)}`);
  const [open, setOpen] = useState(NAMES[0]!);
  const [picked, pick] = useState<{ dimension: string; column: number | null }>({ dimension: "", column: null });
  const { verdict } = desk;
  const press = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const name = NAMES[Number(event.key) - 1];
    const target = event.target as HTMLElement;
    if (!name || event.ctrlKey || event.metaKey || event.altKey || /INPUT|SELECT/.test(target.tagName)) return;
    event.preventDefault();
    setOpen(name);
    root.current?.querySelectorAll<HTMLElement>(".qfl-tabs [role=tab]")[NAMES.indexOf(name)]?.focus();
  };
  return (
    <div
      ref={root}
      class="qfl qfv"
      role="group"
      aria-label={`Verdict on ${desk.title}`}
      data-lm-suppress-shortcuts="true"
      data-phase={desk.phase}
      onKeyDown={press}
    >
      <div class="qfv-head">
        <b>
          <bdi>{desk.title}</bdi>
        </b>
        <State desk={desk} />
      </div>
      {verdict ? (
        <>
          <Word verdict={verdict} />
          <Work desk={desk} />
          <Tabs id={id} label="Parts of the verdict" names={NAMES} open={open} onOpen={setOpen} />
          <div class="qfv-open" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${open}`}>
            <Panel
              id={id}
              desk={desk}
              verdict={verdict}
              open={open}
              chosen={{
                dimension: picked.dimension || worstOf(verdict),
                column: picked.column,
                choose: (what) => pick((before) => ({ ...before, ...what })),
              }}
              onOpen={setOpen}
            />
          </div>
        </>
      ) : null}
      <p class="qfl-heard" aria-live="polite">
        {desk.said}
      </p>
    </div>
  );
}

function Panel(given: {
  id: string;
  desk: Desk;
  verdict: Verdict;
  open: string;
  chosen: Chosen;
  onOpen: (name: string) => void;
}) {
  const { desk, verdict, chosen } = given;
  if (given.open === "Rows") return <Rows desk={desk} />;
  if (given.open === "Fixes") return <Fixes desk={desk} verdict={verdict} />;
  if (given.open === "Columns") {
    const at = chosen.column ?? verdict.worst[0] ?? 0;
    return <Columns desk={desk} verdict={verdict} at={at} onChoose={(column) => chosen.choose({ column })} />;
  }
  const look = (column: number): void => {
    chosen.choose({ column });
    given.onOpen("Columns");
  };
  return <Dimensions id={given.id} verdict={verdict} chosen={chosen} onColumn={look} />;
}

/** The dimension with the lowest score, or the first. */
function worstOf(verdict: Verdict): string {
  const judged = verdict.dimensions.filter((each) => each.score !== null);
  const [worst] = [...judged].sort((one, other) => (one.score ?? 0) - (other.score ?? 0));
  return worst?.name ?? verdict.dimensions[0]?.name ?? "";
}

function Word({ verdict }: { verdict: Verdict }) {
  return (
    <div class={`qfv-word-first qfv-edge-${verdict.tone}`}>
      <p class="qfv-verdict">
        <Sign tone={verdict.tone} /> <b>{verdict.said}</b>
      </p>
      <p>
        <b>{shown(verdict.score, 1)}</b> of 100{" "}
        <span class="qfl-soft">
          ({shown(verdict.low, 1)} to {shown(verdict.high, 1)}) · {shown(verdict.candidate.n)} against{" "}
          {shown(verdict.reference.n)} rows, {shown(verdict.n_columns)} columns · p = {verdict.p_value.toPrecision(2)}
        </span>
      </p>
      <Sentences said={verdict.because} />
      {verdict.interrupted ? <p class="qfv-stopped">{verdict.interrupted}</p> : null}
      {verdict.needed ? <p>{verdict.needed}</p> : null}
      <Sentences said={verdict.unsettled} />
      {verdict.notes.map((each) => (
        <Note key={each}>{each}</Note>
      ))}
    </div>
  );
}

function Sentences({ said }: { said: string[] }) {
  if (!said.length) return null;
  return (
    <ul class="qfv-plain">
      {said.map((each) => (
        <li key={each}>
          <bdi>{sentence(each)}</bdi>
        </li>
      ))}
    </ul>
  );
}

function State({ desk }: { desk: Desk }) {
  if (desk.phase === "lost") {
    return (
      <span class="qfv-old" role="alert">
        The kernel is gone: run the cell again
      </span>
    );
  }
  if (desk.phase === "busy") {
    return (
      <span class="qfv-old" role="status">
        The kernel is busy: this waits for it
      </span>
    );
  }
  if (desk.problem) {
    return (
      <span class="qfl-trouble" role="alert">
        {desk.problem}
      </span>
    );
  }
  if (desk.phase === "connecting") return <span class="qfl-soft">Asking the kernel …</span>;
  return <span class="qfl-soft">keys 1–4 turn the pages</span>;
}

/** Draw again whenever the desk learned something. */
function useDesk(desk: Desk): void {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => {
    const close = desk.watch(() => again(0));
    again(0);
    return () => void close();
  }, [desk]);
}
