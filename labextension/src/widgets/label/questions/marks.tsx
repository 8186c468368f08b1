/** Labels to draw with and the marks that were drawn, as a list that keys and readers can walk. */
import { listOf } from "../drawing/shape_layer";
import { colourOf, SHAPES } from "../drawing/shapes";
import { Key } from "../parts";
import type { Question } from "../protocol";
import type { Asked } from "./index";

const HOW: { [kind: string]: string } = {
  boxes: "Drag, or press a label’s key: arrows move, ⇧ arrows size, ↵ keeps, . changes the step",
  circles: "Drag, or press a label’s key: arrows move, ⇧ arrows size, ↵ keeps, . changes the step",
  polygons: "Click the corners, or press a label’s key: arrows aim, ␣ sets a corner, ↵ closes it",
  brush: "Paint, ⇧ wipes; or press a label’s key: arrows aim, ␣ starts and ends painting, ↵ is done",
};

export function Marks({ session, question, value }: Asked) {
  const marks = listOf(value);
  const label = session.hand.labelOf(question);
  const picked = session.hand.picked?.name === question.name ? session.hand.picked.at : -1;
  const isBrush = question.kind === "brush";
  const { brush } = session.hand;
  return (
    <>
      <div class="qfl-row" role="radiogroup" aria-label={`Label for ${question.name}`}>
        {question.answers.map(({ answer, key }, at) => (
          <button
            type="button"
            key={answer}
            role="radio"
            aria-checked={answer === label}
            aria-keyshortcuts={key || undefined}
            class="qfl-answer"
            onClick={() => {
              session.focus(question.name);
              session.hand.labelWith(question, answer);
            }}
          >
            <i class="qfl-dot" style={{ background: colourOf(at) }} />
            <bdi>{answer}</bdi> <Key of={key} />
          </button>
        ))}
        {isBrush ? (
          <>
            <label class="qfl-choice">
              brush <kbd aria-hidden="true">&lt; &gt;</kbd>
              <input
                type="range"
                min={0.5}
                max={60}
                step={0.5}
                value={brush.radius}
                aria-label="Radius of the brush in pixels"
                onInput={(event) =>
                  session.hand.brushWith({ radius: Number(event.currentTarget.value) })
                }
              />
            </label>
            <button
              type="button"
              aria-pressed={brush.isErasing}
              onClick={() => session.hand.brushWith({ isErasing: !brush.isErasing })}
            >
              Wipe <Key of="e" />
            </button>
          </>
        ) : null}
      </div>
      <p class="qfl-hint">{HOW[question.kind]}</p>
      {marks.length ? (
        <ul class="qfl-marks" aria-label={`Marked for ${question.name}`}>
          {marks.map((mark, at) => (
            <li key={at}>
              <button
                type="button"
                aria-pressed={at === picked}
                disabled={isBrush}
                onClick={() =>
                  session.hand.pick(at === picked ? null : { name: question.name, at })
                }
              >
                <i class="qfl-dot" style={{ background: dotOf(question, mark.label) }} />
                <bdi>{mark.label}</bdi> {tell(question, mark)}
              </button>
              <button
                type="button"
                aria-label={`Delete ${mark.label} ${tell(question, mark)}`}
                onClick={() => {
                  session.hand.pick(null);
                  session.answer(question, marks.filter((_, n) => n !== at));
                }}
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

function dotOf(question: Question, label: string): string {
  return colourOf(question.answers.findIndex((each) => each.answer === label));
}

function tell(question: Question, mark: any): string {
  if (question.kind !== "brush") return SHAPES[question.kind]!.tell(mark);
  let n = 0;
  for (let at = 1; at < mark.runs.length; at += 2) n += mark.runs[at];
  return `${n.toLocaleString("en")} pixels`;
}
