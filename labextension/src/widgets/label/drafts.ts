/** What is being answered to one item and was not sent yet. */
import type { Kept } from "./keeping";
import { answersWith, isAnswered, type Answers, type Item } from "./protocol";

export interface Draft {
  answers: Answers;
  confidence: number | null;
  note: string;
  /** When the item was shown, by the clock on the wall and by one that never jumps. */
  shownAt: string;
  startedAt: number;
  /** What the answers were before each step of drawing, the newest at the end. */
  steps: { name: string; value: any }[];
  /** What the answers were before steps were taken back. */
  undone: { name: string; value: any }[];
}

export function newDraft(item: Item, kept?: Kept): Draft {
  const mine = Object.entries(item.mine).filter(([, said]) => isAnswered(said));
  return {
    answers: answersWith(kept?.answers ?? Object.fromEntries(mine)),
    confidence: kept?.confidence ?? null,
    note: kept?.note ?? "",
    shownAt: new Date().toISOString(),
    startedAt: performance.now(),
    steps: [],
    undone: [],
  };
}

/** Make a draft again of what was sent and not taken. */
export function draftAgain(item: Item, body: Record<string, any>): Draft {
  return { ...newDraft(item), answers: answersWith(body["answers"]), note: body["note"] ?? "" };
}
