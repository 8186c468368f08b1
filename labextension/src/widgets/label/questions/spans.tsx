/** Spans of a text: by selecting with the mouse, or word by word with the arrow keys. */
import { useMemo, useRef, useState } from "preact/hooks";
import { listOf } from "../drawing/shape_layer";
import { colourOf } from "../drawing/shapes";
import { isKey } from "../keys";
import { Key, ShowAll } from "../parts";
import type { Question } from "../protocol";
import type { Session } from "../session";
import { useTaker } from "../taking";
import type { Asked } from "./index";
import { codePoints, segmentsOf, units, wordsOf, type Span } from "./span_places";

const LONGEST = 20_000;

/** The labels, and the spans that were marked. */
export function Spans({ session, question, value }: Asked) {
  const spans: Span[] = listOf(value);
  const text = String(session.item?.fields[question.column ?? ""] ?? "");
  return (
    <>
      <div class="qfl-row" role="group" aria-label={`Label for ${question.name}`}>
        {question.answers.map(({ answer, key }, at) => (
          <button
            type="button"
            key={answer}
            class="qfl-answer"
            aria-keyshortcuts={key || undefined}
            onMouseDown={(event) => event.preventDefault()} // keeps the selection
            onClick={() => {
              session.focus(question.name);
              session.mark(question, answer);
            }}
          >
            <i class="qfl-dot" style={{ background: colourOf(at) }} />
            <bdi>{answer}</bdi> <Key of={key} />
          </button>
        ))}
      </div>
      <p class="qfl-hint">
        Select text, or walk with ← → and widen with ⇧ ← →; then press a label’s key
      </p>
      {spans.length ? (
        <ul class="qfl-marks" aria-label={`Marked for ${question.name}`}>
          {spans.map((span, at) => (
            <li key={at}>
              <i class="qfl-dot" style={{ background: colourFor(question, span.label) }} />
              <span>
                <bdi>{span.label}</bdi>: <bdi>{cut(text, span)}</bdi>
              </span>
              <button
                type="button"
                aria-label={`Delete ${span.label}: ${cut(text, span)}`}
                onClick={() => session.answer(question, spans.filter((_, n) => n !== at))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** The text itself with its spans, a cursor of words, and what is selected. */
export function MarkedText(given: { session: Session; question: Question; text: string }) {
  const { session, question, text } = given;
  const root = useRef<HTMLDivElement>(null);
  const [isWhole, setWhole] = useState(false);
  const [cursor, setCursor] = useState<[number, number] | null>(null);
  const shown = isWhole ? text : text.slice(0, LONGEST);
  const words = useMemo(() => wordsOf(shown), [shown]);
  const spans: Span[] = listOf(session.draft?.answers[question.name]);

  const mark = (label: string): boolean => {
    const place = selected(root.current) ?? (cursor && wordPlace(words, cursor));
    if (!place) return false;
    const span = { start: codePoints(text, place[0]), end: codePoints(text, place[1]), label };
    const others = spans.filter((each) => each.start !== span.start || each.end !== span.end);
    session.answer(
      question,
      [...others, span].sort((a, b) => a.start - b.start || a.end - b.end),
    );
    root.current?.ownerDocument.getSelection()?.removeAllRanges();
    return true;
  };
  session.marker.set(question.name, mark);

  useTaker(({ key, isShift }) => {
    if (session.question?.name !== question.name) return false;
    const chosen = question.answers.find((each) => isKey(key, each.key));
    if (chosen) {
      if (!mark(chosen.answer)) session.tell("Select some text first, or walk to a word with ← →");
      return true;
    }
    const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (by && words.length) {
      const [first, last] = cursor ?? [by > 0 ? -1 : words.length, by > 0 ? -1 : words.length];
      const at = Math.min(words.length - 1, Math.max(0, last + by));
      setCursor(isShift && cursor ? [first, Math.max(first, at)] : [at, at]);
      const [start, end] = words[at]!;
      session.tell(shown.slice(start, end));
      return true;
    }
    if ((key === "Delete" || key === "Backspace") && cursor) {
      const [start, end] = wordPlace(words, cursor).map((each) => codePoints(text, each));
      const kept = spans.filter((each) => each.end <= start! || each.start >= end!);
      if (kept.length === spans.length) return false;
      session.answer(question, kept);
      return true;
    }
    if (key === "Escape" && cursor) {
      setCursor(null);
      return true;
    }
    return false;
  });

  const here = cursor && wordPlace(words, cursor);
  const segments = segmentsOf(shown, spans, here);
  return (
    <>
      <div ref={root} class="qfl-text" dir="auto" onPointerDown={() => session.focus(question.name)}>
        {segments.map((each) => {
          const label = each.spans[each.spans.length - 1]?.label;
          const names = [label ? "qfl-span" : "", each.isHere ? "qfl-here" : ""].join(" ").trim();
          return (
            <span
              key={each.start}
              data-start={each.start}
              class={names || undefined}
              style={label ? { "--qfl-mark": colourFor(question, label) } : undefined}
              title={label}
            >
              {shown.slice(each.start, each.end)}
            </span>
          );
        })}
      </div>
      {shown.length < text.length ? (
        <ShowAll nHidden={text.length - shown.length} onShow={() => setWhole(true)} />
      ) : null}
    </>
  );
}

function colourFor(question: Question, label: string): string {
  return colourOf(question.answers.findIndex((each) => each.answer === label));
}

function cut(text: string, span: Span): string {
  const found = text.slice(units(text, span.start), units(text, span.end));
  return found.length > 60 ? `${found.slice(0, 57)}…` : found;
}

function wordPlace(words: [number, number][], [first, last]: [number, number]): [number, number] {
  return [words[first]![0], words[last]![1]];
}

/** Where the selection of the page lies in this text, in UTF-16 units. */
function selected(root: HTMLElement | null): [number, number] | null {
  const selection = root?.ownerDocument.getSelection();
  if (!root || !selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const start = placeOf(root, range.startContainer, range.startOffset);
  const end = placeOf(root, range.endContainer, range.endOffset);
  return start === null || end === null || start >= end ? null : [start, end];
}

function placeOf(root: HTMLElement, node: Node, offset: number): number | null {
  if (!root.contains(node)) return null;
  const element = node instanceof HTMLElement ? node : node.parentElement;
  const part = element?.closest("[data-start]") as HTMLElement | null;
  if (part && root.contains(part)) {
    const inside = node.nodeType === Node.TEXT_NODE ? offset : offset ? (part.textContent ?? "").length : 0;
    return Number(part.dataset["start"]) + inside;
  }
  const next = root.children[offset] as HTMLElement | undefined;
  return next ? Number(next.dataset["start"]) : (root.textContent ?? "").length;
}
