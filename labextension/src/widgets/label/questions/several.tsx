/** Any number of answers: each key puts its answer in or takes it out. */
import { isKey } from "../keys";
import { Key } from "../parts";
import { useTaker } from "../taking";
import type { Asked } from "./index";

export function Several({ session, question, value }: Asked) {
  const chosen: string[] = Array.isArray(value) ? value : [];
  const turn = (answer: string): void => {
    const has = chosen.includes(answer);
    const kept = question.answers
      .map((each) => each.answer)
      .filter((each) => (each === answer ? !has : chosen.includes(each)));
    session.answer(question, kept);
  };
  useTaker(({ key }) => {
    if (session.question?.name !== question.name) return false;
    const taken = question.answers.map((each) => each.key);
    const found = question.answers.find((each) => isKey(key, each.key, taken));
    if (found) turn(found.answer);
    return found !== undefined;
  });
  return (
    <div class="qfl-row" role="group" aria-label={question.name}>
      {question.answers.map(({ answer, key }) => (
        <button
          type="button"
          key={answer}
          role="checkbox"
          aria-checked={chosen.includes(answer)}
          aria-keyshortcuts={key || undefined}
          class="qfl-answer qfl-check"
          onClick={() => turn(answer)}
        >
          <bdi>{answer}</bdi> <Key of={key} />
        </button>
      ))}
    </div>
  );
}
