/** What is being answered to one item and was not sent yet. */
import { isAnswered, type Answers, type Item } from "./protocol";

export interface Draft {
  answers: Answers;
  confidence: number | null;
  note: string;
  /** When the item was shown, by the clock on the wall and by one that never jumps. */
  shownAt: string;
  startedAt: number;
  /** What the answers were before each step of drawing, the newest at the end. */
  steps: { name: string; value: any }[];
}

export function newDraft(item: Item): Draft {
  return {
    answers: Object.fromEntries(Object.entries(item.mine).filter(([, said]) => isAnswered(said))),
    confidence: null,
    note: "",
    shownAt: new Date().toISOString(),
    startedAt: performance.now(),
    steps: [],
  };
}
