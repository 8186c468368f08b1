/** A typed number with a range and a unit. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Question } from "../protocol";
import type { Asked } from "./index";

export function NumberBox({ session, question, value, isActive, onLeave }: Asked) {
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const key = session.item?.key;
  useLayoutEffect(() => { // at once: the next key is a digit of it
    const root = box.current?.closest(".qfl");
    if (isActive && root?.contains(document.activeElement)) box.current?.focus();
  }, [isActive, key]);
  const text = typed ?? (typeof value === "number" ? String(value) : "");
  const wrong = text.trim() ? faultOf(question, text) : "";
  const type = (now: string): void => {
    setTyped(now);
    const isGood = now.trim() !== "" && !faultOf(question, now);
    session.type(question, isGood ? Number(now.trim().replace(",", ".")) : undefined);
  };
  return (
    <div class="qfl-row">
      <input
        ref={box}
        type="text"
        inputMode="decimal"
        autocomplete="off"
        aria-label={question.name}
        aria-invalid={wrong !== ""}
        value={text}
        placeholder={rangeOf(question)}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onLeave();
          if (event.key === "Enter" && !event.isComposing) {
            event.preventDefault();
            if (wrong) return;
            onLeave();
            session.submit();
          }
        }}
      />
      {question.unit ? <span>{question.unit}</span> : null}
      {wrong ? <span class="qfl-wrong">{wrong}</span> : null}
    </div>
  );
}

function rangeOf({ low, high }: Question): string {
  if (low === null && high === null) return "a number";
  return `${low ?? ""} … ${high ?? ""}`.trim();
}

/** Say what is wrong with a number, in a few words; nothing where it is right. */
export function faultOf(question: Question, text: string): string {
  const number = Number(text.trim().replace(",", "."));
  if (!Number.isFinite(number)) return "no number";
  const { low, high } = question;
  const isLow = low !== null && (number < low || (question.low_is_open && number === low));
  const isHigh = high !== null && (number > high || (question.high_is_open && number === high));
  return isLow || isHigh ? `outside of ${rangeOf(question)}` : "";
}
