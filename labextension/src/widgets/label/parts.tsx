/** Small parts that several views are made of. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";
import { shownKey } from "./keys";
import type { Session } from "./session";

export function Key({ of }: { of: string }) {
  return of ? <kbd aria-hidden="true">{shownKey(of)}</kbd> : null;
}

/** A button that does something and shows its key. */
export function Action(given: {
  name: string;
  keys: string;
  onDo: () => void;
  isOff?: boolean;
  isMain?: boolean;
}) {
  return (
    <button
      type="button"
      class={given.isMain ? "qfl-main" : undefined}
      disabled={given.isOff}
      aria-keyshortcuts={given.keys || undefined}
      onClick={given.onDo}
    >
      {given.name} <Key of={given.keys} />
    </button>
  );
}

/** Draw again whenever the session changed. */
export function useSession(session: Session): void {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => {
    const close = session.watch(() => again(0));
    again(0); // what changed before this view was there
    return close;
  }, [session]);
}

const LONGEST = 20_000;

/** A text of anybody's making, as text; a long one is cut until it is asked for. */
export function Plain({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > LONGEST && !isWhole;
  return (
    <>
      <bdi dir="auto">{isCut ? text.slice(0, LONGEST) : text}</bdi>
      {isCut ? (
        <ShowAll nHidden={text.length - LONGEST} onShow={() => setWhole(true)} />
      ) : null}
    </>
  );
}

export function ShowAll({ nHidden, onShow }: { nHidden: number; onShow: () => void }) {
  return (
    <span class="qfl-cut">
      {" "}
      … {nHidden.toLocaleString("en")} more characters{" "}
      <button type="button" onClick={onShow}>
        Show all
      </button>
    </span>
  );
}

/** A cell in a few words: lists and records as JSON, nothing as a dash. */
export function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span class="qfl-soft">–</span>;
  if (typeof value === "object" && "error" in value) {
    return <Trouble>{String(value.error)}</Trouble>;
  }
  if (typeof value === "object" && "bytes" in value) {
    return <span class="qfl-soft">bytes</span>;
  }
  return <Plain text={typeof value === "object" ? JSON.stringify(value) : String(value)} />;
}

export function Trouble({ children }: { children: ComponentChildren }) {
  return (
    <p class="qfl-trouble" role="alert">
      {children}
    </p>
  );
}
