/** A free text of limited length; ↵ sends the item, ⇧↵ is a new line, Esc gives the keys back. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Asked } from "./index";

export function TextBox({ session, question, value, isActive, onLeave }: Asked) {
  const box = useRef<HTMLTextAreaElement>(null);
  const key = session.item?.key;
  useLayoutEffect(() => { // at once: the next key is a letter of it
    const root = box.current?.closest(".qfl");
    if (isActive && root?.contains(document.activeElement)) box.current?.focus();
  }, [isActive, key]);
  const text = typeof value === "string" ? value : "";
  const longest = question.longest ?? 1_000_000;
  const length = [...text].length;
  return (
    <div class="qfl-row">
      <textarea
        ref={box}
        dir="auto"
        rows={longest > 80 ? 2 : 1}
        aria-label={question.name}
        aria-invalid={length > longest}
        value={text}
        onInput={(event) => session.type(question, event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onLeave();
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            if (length > longest) return;
            onLeave();
            session.submit();
          }
        }}
      />
      {longest < 1_000_000 ? (
        <span class={length > longest ? "qfl-wrong" : "qfl-soft"}>
          {length} of {longest}
        </span>
      ) : null}
    </div>
  );
}
