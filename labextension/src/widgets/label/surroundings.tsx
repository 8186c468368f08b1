/** What stands around the item: progress, the ledger, actions, help, and the word of a lost kernel. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Action, Key } from "./parts";
import { count, type Session } from "./session";

export function Head({ session, onHelp }: { session: Session; onHelp: () => void }) {
  const { progress, item } = session;
  const nDone = progress?.n_done ?? 0;
  const nItems = progress?.n_items ?? 0;
  const gold = progress?.gold;
  return (
    <header class="qfl-head">
      <span class="qfl-count">
        {item && session.phase !== "finished" ? <b>Item {item.position + 1}</b> : <b>Labeling</b>}
        {progress ? (
          <span class="qfl-soft">
            {" "}
            {nDone} of {nItems} done
            {progress.n_skipped ? ` · ${progress.n_skipped} skipped` : ""}
            {gold && gold.n ? ` · known answers: ${gold.n_right} of ${gold.n} right` : ""}
          </span>
        ) : null}
      </span>
      <span class={`qfl-ledger${session.ledger.waiting.length ? " qfl-waits" : ""}`} role="status">
        {session.isSlow && session.phase !== "lost" ? "The kernel does not answer: busy, or gone · " : ""}
        {session.isUndoing ? "undoing · " : ""}
        {session.ledger.text}
      </span>
      <button type="button" aria-label="Keys" onClick={onHelp}>
        ?
      </button>
      <progress value={nDone} max={Math.max(1, nItems)} aria-label="Items done" />
    </header>
  );
}

export function Footer(given: {
  session: Session;
  isNoting: boolean;
  onNote: (isNoting: boolean) => void;
  onLeave: () => void;
}) {
  const { session, isNoting, onNote, onLeave } = given;
  const keys = session.hello?.keys ?? {};
  const isReady = session.phase === "ready" && session.item !== null;
  if (!session.hello) return null;
  const isAtOnce = session.hello.questions.length === 1 && /^(choose|rate)$/.test(session.question?.kind ?? "");
  return (
    <footer class="qfl-foot">
      <div class="qfl-row">
        {isAtOnce ? null : (
          <Action name="Save" keys="Enter" isMain isOff={!isReady} onDo={() => session.submit()} />
        )}
        <Action name="Can’t tell" keys={keys["can't tell"] ?? ""} isOff={!isReady} onDo={() => session.cantTell()} />
        <Action name="Skip" keys={keys["skip"] ?? ""} isOff={!isReady} onDo={() => session.skip()} />
        <Action
          name="Back"
          keys={keys["back"] ?? ""}
          isOff={session.position < 1 || session.phase === "lost"}
          onDo={() => void session.back()}
        />
        <Action
          name="Undo"
          keys={keys["undo"] ?? ""}
          isOff={session.phase === "lost"}
          onDo={() => void session.turn("undo")}
        />
        <Action
          name="Redo"
          keys={keys["redo"] ?? ""}
          isOff={session.phase === "lost"}
          onDo={() => void session.turn("redo")}
        />
        <Action name="Note" keys={keys["note"] ?? ""} isOff={!isReady} onDo={() => onNote(!isNoting)} />
        {isReady ? <Confidence session={session} /> : null}
      </div>
      {isNoting && isReady ? <Note session={session} onDone={() => (onNote(false), onLeave())} /> : null}
      {session.ledger.failed.map((entry) => (
        <p key={entry.body.submission} class="qfl-trouble">
          {entry.position >= 0 ? `Item ${entry.position + 1} is not saved: ` : "Not saved: "}
          <bdi>{entry.error}</bdi>{" "}
          {entry.position >= 0 && entry.position !== session.position ? (
            <Action name="Go to it" keys="" onDo={() => session.go(entry.position)} />
          ) : null}
        </p>
      ))}
    </footer>
  );
}

function Confidence({ session }: { session: Session }) {
  const sure = session.draft?.confidence ?? null;
  return (
    <label class="qfl-sure">
      Sure <kbd aria-hidden="true">[ ]</kbd>{" "}
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={sure ?? 1}
        class={sure === null ? "qfl-unset" : undefined}
        aria-label="How sure you are"
        aria-valuetext={sure === null ? "not given" : `${Math.round(100 * sure)} %`}
        onInput={(event) => session.sure(Number(event.currentTarget.value))}
      />
      <output>{sure === null ? "–" : `${Math.round(100 * sure)} %`}</output>
    </label>
  );
}

function Note({ session, onDone }: { session: Session; onDone: () => void }) {
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => box.current?.focus(), []); // at once: the next key is a letter of it
  return (
    <textarea
      ref={box}
      class="qfl-note"
      dir="auto"
      rows={2}
      placeholder="A note on this item; ↵ when done"
      aria-label="Note on this item"
      value={session.draft?.note ?? ""}
      onInput={(event) => session.note(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey)) return;
        event.preventDefault();
        onDone();
      }}
    />
  );
}

export function Help({ session }: { session: Session }) {
  const keys = session.hello?.keys ?? {};
  const rows: [string, string][] = [
    ["Enter", "save the item"],
    [keys["undo"] ?? "", "take back the last step, without limit"],
    [keys["redo"] ?? "", "bring back what was taken back last"],
    [keys["back"] ?? "", "go back an item"],
    [keys["skip"] ?? "", "skip the item"],
    [keys["can't tell"] ?? "", "say that you can’t tell"],
    [keys["note"] ?? "", "write a note"],
    ["[ ]", "less sure, surer"],
    ["↑ ↓", "the question before, the next one"],
    ["+ - =", "zoom a picture in, out, to fit"],
    ["Escape", "leave a field or drop a mark"],
  ];
  return (
    <dl class="qfl-help" aria-label="Keys">
      {rows.map(([key, what]) => (
        <div key={what}>
          <dt>
            <Key of={key} />
            <span class="qfl-heard">{key}</span>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The kernel is gone: what is kept, and a way to run the cell again. */
export function Lost({ session, root }: { session: Session; root: { current: HTMLElement | null } }) {
  const n = session.ledger.waiting.length;
  return (
    <div class="qfl-lost" role="alert">
      <p>
        <strong>Not connected to a kernel:</strong> run the cell again to go on.{" "}
        {n ? leftOver(n, session.ledger.isKept) : "Every label that you gave is saved."}
      </p>
      {root.current?.closest(".jp-Cell") ? (
        <Action name="Run the cell again" keys="" isMain onDo={() => runCell(root.current)} />
      ) : null}
    </div>
  );
}

/** Say what becomes of labels that no kernel took; true in any frontend, with a page's store or without. */
function leftOver(n: number, isKept: boolean): string {
  const said = `${count(n, "label")} ${n === 1 ? "is" : "are"} not saved: `;
  return isKept
    ? `${said}kept here, and sent when the cell runs again on this page.`
    : `${said}this page has no place to keep them, so give them again after the cell ran.`;
}

/** Press the notebook's own key on the cell that this stands in; widgets have no other way to. */
function runCell(root: HTMLElement | null): void {
  const cell = root?.closest<HTMLElement>(".jp-Cell");
  if (!cell) return;
  const options = { bubbles: true, cancelable: true };
  const prompt = cell.querySelector<HTMLElement>(".jp-InputPrompt") ?? cell;
  for (const kind of ["mousedown", "mouseup", "click"]) {
    prompt.dispatchEvent(new MouseEvent(kind, { ...options, button: 0 }));
  }
  cell.focus();
  const enter = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, ...options };
  cell.dispatchEvent(new KeyboardEvent("keydown", enter));
}
