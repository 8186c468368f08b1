/** Small parts that several panels are made of. */
import { useRef, useState } from "preact/hooks";
import type { Desk } from "./desk";
import { progressOf, type Tone } from "./told";

const SIGNS: Record<Tone, string> = { good: "✓", fair: "○", caution: "!", bad: "✕", neutral: "–" };

export function Sign({ tone }: { tone: Tone }) {
  return (
    <span class={`qfv-sign qfv-is-${tone}`} aria-hidden="true">
      {SIGNS[tone]}
    </span>
  );
}

/** Something that the kernel is asked to do, with what it does meanwhile. */
export function Ask(given: { desk: Desk; work: string; name: string; again: string; isDone: boolean }) {
  const { desk, work } = given;
  return (
    <div class="qfl-row">
      <button
        type="button"
        class={given.isDone ? undefined : "qfv-main"}
        disabled={desk.isWorking || desk.phase === "lost" || !desk.hasTables}
        onClick={() => void desk.start(work)}
      >
        {given.isDone ? given.again : given.name}
      </button>
    </div>
  );
}

/** The work that goes on, how long it will take, and a way to stop it. */
export function Work({ desk }: { desk: Desk }) {
  const { job } = desk;
  if (!job || job.state === "done") return null;
  if (job.state !== "running") {
    return (
      <p class="qfv-stopped" role="status">
        {job.said || "The work was stopped."}
      </p>
    );
  }
  return (
    <div class="qfv-work">
      <progress max={1} value={job.share ?? undefined} aria-label={`${job.work}, progress`} />
      <span>
        <b>{job.work}</b> <bdi>{progressOf(job)}</bdi>
      </span>
      <button type="button" disabled={job.is_stopping} onClick={() => void desk.stop()}>
        {job.is_stopping ? "Stopping …" : "Stop"}
      </button>
    </div>
  );
}

/** A cell to run, and a button that copies it. */
export function Code({ said, code }: { said: string; code: string }) {
  const [told, tell] = useState("");
  const text = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code);
      tell("Copied: paste it into a cell");
    } catch {
      select(text.current);
      tell("Selected: press Ctrl C");
    }
  };
  return (
    <div class="qfv-code">
      <pre>
        <code ref={text}>{code}</code>
      </pre>
      <button type="button" onClick={() => void copy()} aria-label={`Copy the cell: ${said}`}>
        Copy
      </button>
      <span class="qfl-soft" role="status">
        {told || said}
      </span>
    </div>
  );
}

function select(element: HTMLElement | null): void {
  const selection = document.getSelection();
  if (element && selection) selection.selectAllChildren(element);
}
