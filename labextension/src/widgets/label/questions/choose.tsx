/** One answer of several: its key answers, and sends the item where nothing else is asked. */
import { isKey } from "../keys";
import { Key } from "../parts";
import { useTaker } from "../taking";
import type { Asked } from "./index";

export function Choose({ session, question, value }: Asked) {
  useTaker(({ key }) => {
    if (session.question?.name !== question.name) return false;
    const taken = question.answers.map((each) => each.key);
    const chosen = question.answers.find((each) => isKey(key, each.key, taken));
    if (chosen) session.answerAndGoOn(question, chosen.answer);
    return chosen !== undefined;
  });
  return (
    <div class="qfl-row" role="radiogroup" aria-label={question.name}>
      {question.answers.map(({ answer, key }) => (
        <button
          type="button"
          key={answer}
          role="radio"
          aria-checked={value === answer}
          aria-keyshortcuts={key || undefined}
          class="qfl-answer"
          onClick={() => session.answerAndGoOn(question, answer)}
        >
          <bdi>{answer}</bdi> <Key of={key} />
        </button>
      ))}
    </div>
  );
}
