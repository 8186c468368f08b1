/** Steps back and forth that were pressed faster than the kernel takes them: one after the other, none is lost. */
import type { Draft } from "./drafts";
import { withAnswer } from "./protocol";

export type Turn = "undo" | "redo";

export class Undoing {
  isOn = false;
  private waiting: (() => Promise<boolean>)[] = [];

  /** Do a step once more; it gives false where there is none, and what waits is let go then. */
  async press(settled: () => Promise<void>, step: () => Promise<boolean>): Promise<void> {
    this.waiting.push(step);
    if (this.isOn) return;
    this.isOn = true;
    await settled();
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      if (!(await next())) this.waiting = [];
    }
    this.isOn = false;
  }
}

/** Take back, or bring back, the last step of a drawing; say whether there was one. */
export function turned(draft: Draft, turn: Turn): boolean {
  const [from, to] = turn === "undo" ? [draft.steps, draft.undone] : [draft.undone, draft.steps];
  const step = from.pop();
  if (!step) return false;
  const { name, value } = step;
  to.push({ name, value: draft.answers[name] });
  draft.answers = withAnswer(draft.answers, name, value);
  return true;
}
