/** The item at hand and what is being answered to it; nothing here travels. */
import type { Asking } from "./asking";
import { newDraft, type Draft } from "./drafts";
import { Hand } from "./hand";
import type { Items } from "./items";
import type { Kept } from "./keeping";
import {
  CANT_TELL,
  withAnswer,
  isAnswered,
  type Hello,
  type Item,
  type Progress,
  type Question,
  type Value,
} from "./protocol";
import { Undoing } from "./undoing";

export type Phase = "connecting" | "ready" | "finished" | "lost" | "refused";

export abstract class Answering {
  phase: Phase = "connecting";
  /** The kernel has not answered for a while: it is busy, or gone. */
  isSlow = false;
  hello: Hello | null = null;
  progress: Progress | null = null;
  position = 0;
  /** Which of the questions the keys go to. */
  active = "";
  error = "";
  /** What a screen reader is told. */
  said = "";
  protected readonly undoing = new Undoing();
  readonly hand = new Hand(() => this.changed());
  /** How each question's text marks what is selected in it. */
  readonly marker = new Map<string, (label: string) => boolean>();
  protected abstract readonly items: Items;
  protected abstract readonly asking: Asking;
  protected readonly drafts = new Map<string, Draft>();
  /** Drafts of before a reload, or of before the kernel died, until their items come. */
  protected readonly before = new Map<string, Kept>();
  private readonly views = new Set<() => void>();

  constructor(readonly title: string) {}

  abstract submit(): void;

  /** The draft of the item at hand changed and has to be kept. */
  protected abstract touched(): void;

  // --- Views ----------------------------------------------------------------------------

  watch(view: () => void): () => void {
    this.views.add(view);
    return () => this.views.delete(view);
  }

  unwatch(): void {
    this.views.clear();
  }

  changed(): void {
    for (const view of this.views) view();
  }

  // --- The item at hand -----------------------------------------------------------------

  get item(): Item | null {
    return this.items.at(this.position);
  }

  /** A step back is on its way: what is pressed meanwhile would go to the wrong item. */
  get isUndoing(): boolean {
    return this.undoing.isOn;
  }

  /** Refuse what is pressed while a step is on its way, and say so. */
  protected isTurning(): boolean {
    if (this.isUndoing) this.tell("Wait: what you pressed is not taken while a step back or forth is on its way");
    return this.isUndoing;
  }

  get known(): Item[] {
    return this.items.all;
  }

  get draft(): Draft | null {
    const item = this.item;
    if (!item) return null;
    const found = this.drafts.get(item.key) ?? newDraft(item, this.before.get(item.key));
    this.drafts.set(item.key, found);
    return found;
  }

  get questions(): Question[] {
    return this.hello ? this.asking.of(this.hello, this.draft?.answers ?? {}) : [];
  }

  get question(): Question | null {
    const questions = this.questions;
    return questions.find((each) => each.name === this.active) ?? questions[0] ?? null;
  }

  answer(question: Question, value: Value): void {
    const draft = this.draft;
    if (!draft || this.phase !== "ready" || this.isTurning()) return;
    const before = draft.answers[question.name];
    draft.steps.push({ name: question.name, value: before });
    draft.undone = [];
    draft.answers = withAnswer(draft.answers, question.name, value);
    this.error = "";
    this.active = question.name;
    this.touched();
    this.changed();
  }

  /** Answer a question that one key answers whole; the item is sent where that was all. */
  answerAndGoOn(question: Question, value: Value): void {
    this.answer(question, value);
    const questions = this.questions;
    if (this.hello?.questions.length === 1) {
      this.submit();
      return;
    }
    const at = questions.findIndex((each) => each.name === question.name);
    const answers = this.draft?.answers ?? {};
    const next = questions.slice(at + 1).find((each) => !isAnswered(answers[each.name]));
    if (next) this.active = next.name;
    this.changed();
  }

  cantTell(): void {
    const question = this.question;
    if (question) this.answerAndGoOn(question, { ...CANT_TELL });
  }

  /** Take what is being typed; it is no step to be taken back. */
  type(question: Question, value: Value): void {
    const draft = this.draft;
    if (!draft || this.phase !== "ready" || this.isTurning()) return;
    draft.answers = withAnswer(draft.answers, question.name, value);
    this.active = question.name;
    this.touched();
    this.changed();
  }

  mark(question: Question, label: string): void {
    if (!this.marker.get(question.name)?.(label)) this.tell("Select some text first");
  }

  tell(said: string): void {
    this.said = said;
    this.changed();
  }

  focus(name: string): void {
    this.active = name;
    this.changed();
  }

  /** Go to the question before, or the next one. */
  walk(by: 1 | -1): void {
    const questions = this.questions;
    const at = questions.findIndex((each) => each.name === this.question?.name);
    const next = questions[Math.min(questions.length - 1, Math.max(0, at + by))];
    if (next) this.focus(next.name);
  }

  surer(by: number): void {
    const before = this.draft?.confidence ?? (by < 0 ? 1 : 0.5);
    this.sure(Math.round(100 * Math.min(1, Math.max(0, before + by))) / 100);
  }

  sure(confidence: number | null): void {
    if (this.draft) this.draft.confidence = confidence;
    this.touched();
    this.changed();
  }

  note(text: string): void {
    if (this.draft) this.draft.note = text;
    this.touched();
    this.changed();
  }
}
