/** The whole view: what is shown, what is asked, and how far it is. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isCommand, isKey, isWriting, keyOf } from "./keys";
import { Action, Trouble, useSession } from "./parts";
import { DRAWN, isCantTell, type Item, type Question } from "./protocol";
import { QUESTIONS } from "./questions";
import { MarkedText } from "./questions/spans";
import { RENDERERS } from "./renderers";
import { CutOut, FITS_MIME } from "./renderers/fits";
import { Pictured } from "./renderers/image";
import { AllAgain } from "./renderers/map_legend";
import type { Session } from "./session";
import { Footer, Head, Help, Lost } from "./surroundings";
import { Takers, type Taker } from "./taking";

export function App({ session }: { session: Session }) {
  useSession(session);
  const root = useRef<HTMLDivElement>(null);
  const takers = useMemo(() => new Set<{ take: Taker }>(), []);
  const [isNoting, setNoting] = useState(false);
  const [isHelping, setHelping] = useState(false);
  const toKeys = (): void => root.current?.focus({ preventScroll: true });
  const keys = session.hello?.keys ?? {};
  const key = session.item?.key;
  useLayoutEffect(() => setNoting(false), [key]); // at once: a note that is opened next stays

  const command = (pressed: string): boolean => {
    const means = (name: string): boolean => isKey(pressed, keys[name] ?? "", Object.values(keys));
    if (pressed === "Enter") session.submit();
    else if (pressed === "?") setHelping(!isHelping);
    else if (pressed === "Escape" && isHelping) setHelping(false);
    else if (means("undo")) void session.turn("undo");
    else if (means("redo")) void session.turn("redo");
    else if (means("skip")) session.skip();
    else if (means("back")) void session.back();
    else if (means("can't tell")) session.cantTell();
    else if (means("note")) setNoting(true);
    else if (pressed === "[" || pressed === "]") session.surer(pressed === "]" ? 0.1 : -0.1);
    else if (pressed === "ArrowUp" || pressed === "ArrowDown") session.walk(pressed === "ArrowUp" ? -1 : 1);
    else return false;
    return true;
  };
  const press = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isWriting(event.target) || event.key === "Tab") return;
    const pressed = keyOf(event);
    if (!isCommand(pressed)) return;
    const isOnButton = event.target instanceof HTMLButtonElement;
    if (isOnButton && (pressed === "Enter" || pressed === "Space")) return;
    if (event.target instanceof HTMLInputElement && pressed.startsWith("Arrow")) return;
    event.preventDefault();
    if (event.repeat && !pressed.startsWith("Arrow")) return;
    const isTaken = [...takers].some((each) => each.take({ key: pressed, isShift: event.shiftKey }));
    if (!isTaken) command(pressed);
  };
  const clicked = (event: MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest("button")) toKeys();
  };

  return (
    <Takers.Provider value={takers}>
      <div
        ref={root}
        class="qfl"
        tabIndex={0}
        role="group"
        aria-label={`${session.title}: press ? for the keys`}
        data-lm-suppress-shortcuts="true"
        data-phase={session.phase}
        onKeyDown={press}
        onClick={clicked}
      >
        <Head session={session} onHelp={() => setHelping(!isHelping)} />
        {isHelping ? <Help session={session} /> : null}
        {session.phase === "lost" ? <Lost session={session} root={root} /> : null}
        {session.phase === "refused" ? <Trouble>{session.error}</Trouble> : null}
        {session.phase === "connecting" ? <Connecting isSlow={session.isSlow} /> : null}
        {session.phase === "finished" ? <Finished session={session} /> : null}
        {session.phase === "ready" && !session.item ? (
          <p class="qfl-soft">Waiting for the next item …</p>
        ) : null}
        {session.item && session.phase !== "finished" ? (
          <Work key={session.item.key} session={session} item={session.item} onLeave={toKeys} />
        ) : null}
        {session.notice ? (
          <p class="qfl-notice" role="status">
            <bdi>{session.notice}</bdi>
          </p>
        ) : null}
        {session.error && session.phase !== "refused" ? <Trouble>{session.error}</Trouble> : null}
        <Footer session={session} isNoting={isNoting} onNote={setNoting} onLeave={toKeys} />
        <p class="qfl-heard" aria-live="polite">
          {session.said}
        </p>
      </div>
    </Takers.Provider>
  );
}

function Work({ session, item, onLeave }: { session: Session; item: Item; onLeave: () => void }) {
  const { hello } = session;
  if (!hello) return null;
  const { questions } = session;
  const marking = (column: string): Question[] => questions.filter((each) => each.column === column);
  const Renderer = RENDERERS[hello.show.renderer] ?? RENDERERS["record"]!;
  const shown = new Set(hello.show.renderer === "template" ? [] : drawnBy(hello.show.renderer, hello.show.columns));
  const aside = [...new Set(questions.map((each) => each.column ?? ""))].filter(
    (column) => column && !shown.has(column),
  );
  const active = session.question?.name;
  return (
    <>
      <section class="qfl-item" aria-label={`Item ${item.position + 1}`}>
        <Renderer session={session} show={hello.show} item={item} marking={marking} />
        {aside.map((column) => (
          <Aside key={column} session={session} item={item} column={column} marking={marking(column)} />
        ))}
        <Others item={item} />
      </section>
      <section class="qfl-questions" aria-label="Questions">
        {questions.map((question) => {
          const Asks = QUESTIONS[question.kind];
          const value = session.draft?.answers[question.name];
          return (
            <div
              key={question.name}
              class={`qfl-question${question.name === active && questions.length > 1 ? " qfl-active" : ""}`}
              onFocusIn={() => question.name !== active && session.focus(question.name)}
            >
              <div class="qfl-name">
                <bdi>{question.name}</bdi>
                {isCantTell(value) ? <em>can’t tell</em> : null}
              </div>
              <Asks
                session={session}
                question={question}
                value={value}
                isActive={question.name === active}
                onLeave={onLeave}
              />
            </div>
          );
        })}
      </section>
    </>
  );
}

/** Columns in which a renderer lets marks be made. */
function drawnBy(renderer: string, columns: string[]): string[] {
  return ["text", "image", "fits"].includes(renderer) ? columns : [];
}

/** What is marked and was not shown already: below, in its own way. */
function Aside(given: { session: Session; item: Item; column: string; marking: Question[] }) {
  const { session, item, column, marking } = given;
  const value = item.fields[column];
  const [spans] = marking.filter((each) => each.kind === "spans");
  if (spans && typeof value === "string") {
    return <MarkedText session={session} question={spans} text={value} />;
  }
  if (!marking.some((each) => DRAWN.includes(each.kind))) return null;
  const View = value?.mime === FITS_MIME ? CutOut : Pictured;
  return <View session={session} name={column} value={value} marking={marking} />;
}

function Others({ item }: { item: Item }) {
  if (!item.others?.length) return null;
  return (
    <ul class="qfl-others" aria-label="What others said">
      {item.others.map((each, n) => (
        <li key={n}>
          <bdi>{each.labeler}</bdi>: <bdi>{each.question}</bdi> ={" "}
          <bdi>{typeof each.value === "string" ? each.value : JSON.stringify(each.value)}</bdi>
        </li>
      ))}
    </ul>
  );
}

function Connecting({ isSlow }: { isSlow: boolean }) {
  return (
    <p class="qfl-soft">
      {isSlow
        ? "The kernel has not answered for 4 s: it is busy, or was started anew, so that the cell has to run again"
        : "Asking the kernel …"}
    </p>
  );
}

function Finished({ session }: { session: Session }) {
  const { waiting, failed } = session.ledger;
  return (
    <div class="qfl-finished">
      <p>
        <strong>
          No item is left{session.map.chosen ? " in the region" : ""}
          {waiting.length ? "; some labels wait for the kernel." : "."}
        </strong>{" "}
        {failed.length ? "Some labels were not saved: go back to them below." : ""}
      </p>
      {session.map.chosen ? <AllAgain session={session} /> : null}
      <Action name="Look for more" keys="" onDo={() => void session.fetch(true)} />
    </div>
  );
}
