/** A rating: in steps a key for each, else a slider that the digits set to tenths. */
import { Key } from "../parts";
import { isCantTell } from "../protocol";
import { useTaker } from "../taking";
import type { Asked } from "./index";

const MOST_BUTTONS = 11;

export function Rate({ session, question, value }: Asked) {
  const low = question.low ?? 0;
  const high = question.high ?? 1;
  const steps = question.is_stepped && high - low < MOST_BUTTONS ? ladder(low, high) : null;
  const keys = new Map(steps?.map((each) => [each, keyFor(each, low, high)]));
  useTaker(({ key }) => {
    if (session.question?.name !== question.name || !/^\d$/.test(key)) return false;
    if (steps) {
      const found = steps.find((each) => keys.get(each) === key);
      if (found !== undefined) session.answerAndGoOn(question, found);
      return found !== undefined;
    }
    const at = key === "0" ? low : low + ((high - low) * Number(key)) / 10;
    session.answer(question, question.is_stepped ? Math.round(at) : Number(at.toPrecision(12)));
    return true;
  });
  if (steps) {
    return (
      <div class="qfl-row" role="radiogroup" aria-label={question.name}>
        {steps.map((each) => (
          <button
            type="button"
            key={each}
            role="radio"
            aria-checked={value === each}
            class="qfl-answer"
            onClick={() => session.answerAndGoOn(question, each)}
          >
            {each} {keys.get(each) !== String(each) ? <Key of={keys.get(each) ?? ""} /> : null}
          </button>
        ))}
      </div>
    );
  }
  const isGiven = typeof value === "number";
  return (
    <div class="qfl-row">
      <span class="qfl-soft">{low}</span>
      <input
        type="range"
        min={low}
        max={high}
        step={question.is_stepped ? 1 : (high - low) / 100}
        value={isGiven ? value : (low + high) / 2}
        aria-label={question.name}
        aria-valuetext={isGiven ? String(value) : "not given"}
        class={isGiven ? undefined : "qfl-unset"}
        onInput={(event) => session.answer(question, Number(event.currentTarget.value))}
      />
      <span class="qfl-soft">{high}</span>
      <output>{isGiven ? Number(value.toFixed(4)) : isCantTell(value) ? "" : "not given"}</output>
      <kbd aria-hidden="true">0–9</kbd>
    </div>
  );
}

function ladder(low: number, high: number): number[] {
  return Array.from({ length: Math.round(high - low) + 1 }, (_, at) => low + at);
}

/** The digit itself where all steps have one, else their place from 1. */
function keyFor(step: number, low: number, high: number): string {
  if (low >= 0 && high <= 9) return String(step);
  const at = step - low + 1;
  return at <= 9 ? String(at) : at === 10 ? "0" : "";
}
