/**
 * One labeler before one queue, shared by every view of a widget.
 *
 * What is given is shown as given at once and counts as saved when the kernel has said so.
 */
import { Channel, newId, Refused, type Model, type Reply } from "../rpc";
import { Asking } from "./asking";
import { newDraft, type Draft } from "./drafts";
import { Hand } from "./hand";
import { Items } from "./items";
import { Ledger, type Entry } from "./ledger";
import {
  CANT_TELL,
  isAnswered,
  type Hello,
  type Item,
  type Progress,
  type Question,
  type Value,
} from "./protocol";
import { answersOf, sentence, submissionOf } from "./submission";

const PING_MS = 4_000;

export type Phase = "connecting" | "ready" | "finished" | "lost" | "refused";

export class Session {
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
  isUndoing = false;
  readonly hand = new Hand(() => this.changed());
  /** How each question's text marks what is selected in it. */
  readonly marker = new Map<string, (label: string) => boolean>();
  readonly title: string;
  readonly ledger: Ledger;
  readonly channel: Channel;
  private readonly asking: Asking;
  private readonly items: Items;
  private readonly drafts = new Map<string, Draft>();
  private readonly views = new Set<() => void>();
  private readonly flying = new Set<Promise<unknown>>();

  constructor(readonly model: Model) {
    this.title = String(model.get("title") || "Labeling");
    this.ledger = new Ledger(model, String(model.get("resume") ?? ""));
    this.channel = new Channel(
      model,
      (isLive) => this.live(isLive),
      (isSlow) => this.slow(isSlow),
    );
    this.asking = new Asking(this.channel, () => this.changed());
    this.items = new Items(this.channel);
  }

  // --- Views ----------------------------------------------------------------------------

  watch(view: () => void): () => void {
    this.views.add(view);
    return () => this.views.delete(view);
  }

  changed(): void {
    for (const view of this.views) view();
  }

  close(): void {
    this.channel.close();
    this.views.clear();
  }

  // --- Coming to work -------------------------------------------------------------------

  /** Greet the kernel; one that does not answer within 4 s is called busy, and waited for. */
  async start(): Promise<void> {
    try {
      const hello = (await this.channel.request("hello", { n: this.items.nAhead })) as unknown as Hello;
      this.hello = hello;
      this.progress = hello.progress;
      this.phase = "ready";
      this.isSlow = false;
      this.items.take(hello.items);
      this.items.haveAhead(Boolean(hello.show.files?.length));
      this.position = hello.items[0]?.position ?? hello.resumed_at;
      this.items.isAtEnd = hello.items.length === 0;
      this.arrive();
      this.deliver();
    } catch (problem) {
      this.phase = "refused";
      this.error = sentence(problem);
    }
    this.changed();
  }

  /** Look whether the kernel still answers; say so where it does not within 4 s. */
  async ping(): Promise<void> {
    if (this.phase === "connecting" || this.phase === "lost") return;
    try {
      const reply = await this.channel.request("progress", {}, PING_MS);
      this.progress = reply["progress"] ?? this.progress;
    } catch (problem) {
      this.isSlow = !(problem instanceof Refused);
    }
    this.changed();
  }

  private slow(isSlow: boolean): void {
    this.isSlow = isSlow;
    this.changed();
  }

  private live(isLive: boolean): void {
    if (!isLive) {
      this.phase = "lost";
      this.ledger.rescue();
    } else if (this.hello) {
      this.phase = "ready";
      this.arrive();
    } else this.phase = "connecting";
    this.changed();
  }

  /** Send what an earlier widget of this cell could not. */
  private deliver(): void {
    const left = this.ledger.left();
    if (left.length) this.said = `${count(left.length, "label")} from before: sending`;
    for (const each of left) this.send({ ...each, status: "waiting", error: "" });
  }

  // --- The item at hand -----------------------------------------------------------------

  get item(): Item | null {
    return this.items.at(this.position);
  }

  get known(): Item[] {
    return this.items.all;
  }

  get draft(): Draft | null {
    const item = this.item;
    if (!item) return null;
    const found = this.drafts.get(item.key) ?? newDraft(item);
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
    if (!draft || this.phase !== "ready") return;
    const before = draft.answers[question.name];
    draft.steps.push({ name: question.name, value: before });
    draft.answers = { ...draft.answers, [question.name]: value };
    if (value === undefined) delete draft.answers[question.name];
    this.error = "";
    this.active = question.name;
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
    if (!draft || this.phase !== "ready") return;
    draft.answers = { ...draft.answers, [question.name]: value };
    if (value === undefined) delete draft.answers[question.name];
    this.active = question.name;
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
    this.changed();
  }

  note(text: string): void {
    if (this.draft) this.draft.note = text;
    this.changed();
  }

  // --- Giving it away -------------------------------------------------------------------

  submit(): void {
    for (const keep of [...this.hand.unfinished.values()]) keep();
    const { item, draft } = this;
    if (!item || !draft || this.phase !== "ready") return;
    const questions = this.questions;
    const lacking = questions.find((each) => each.is_needed && !isAnswered(draft.answers[each.name]));
    const answers = answersOf(questions, draft);
    if (lacking || !Object.keys(answers).length) {
      this.active = (lacking ?? questions[0])?.name ?? "";
      this.error = lacking
        ? `“${lacking.name}” is not answered: answer it, or say that you can’t tell`
        : "Nothing is answered: answer a question, or skip the item";
      this.said = this.error;
      this.changed();
      return;
    }
    this.send(this.entry("submit", item, submissionOf(item, draft, answers)));
    item.mine = answers;
    this.drafts.delete(item.key);
    this.go(item.position + 1);
  }

  /** Give several items the same answers at once, as those that a lasso holds. */
  submitMany(keys: string[]): void {
    const draft = this.draft;
    if (!draft || this.phase !== "ready") return;
    for (const key of keys) {
      const body = submissionOf({ key }, draft, { ...draft.answers });
      this.send({ kind: "submit", body, position: -1, status: "waiting", error: "" });
    }
    const here = this.item;
    if (here && keys.includes(here.key)) {
      this.drafts.delete(here.key);
      here.mine = { ...draft.answers };
      this.go(here.position + 1);
    }
  }

  skip(): void {
    const item = this.item;
    if (!item || this.phase !== "ready") return;
    const reason = this.draft?.note ?? "";
    this.send(this.entry("skip", item, { submission: newId(), key: item.key, reason }));
    this.drafts.delete(item.key);
    this.go(item.position + 1);
  }

  /** Take back the last step of a drawing, else the last submission; without limit. */
  async undo(): Promise<void> {
    const draft = this.draft;
    const step = draft?.steps.pop();
    if (draft && step) {
      draft.answers = { ...draft.answers, [step.name]: step.value };
      if (step.value === undefined) delete draft.answers[step.name];
      this.changed();
      return;
    }
    if (this.isUndoing || this.phase === "lost") return;
    this.isUndoing = true;
    this.changed();
    await Promise.allSettled([...this.flying]);
    try {
      const reply = await this.channel.request("undo", { submission: newId() });
      const item = reply["item"] as Item;
      this.counts(reply);
      this.items.take([item]);
      this.drafts.delete(item.key);
      this.phase = "ready";
      this.go(item.position, "Taken back");
    } catch (problem) {
      this.error = this.said = sentence(problem);
    }
    this.isUndoing = false;
    this.changed();
  }

  async back(): Promise<void> {
    const position = this.position - 1;
    if (position < 0 || this.phase === "lost" || this.phase === "refused") return;
    try {
      await this.items.before(position, PING_MS);
      this.go(position);
    } catch (problem) {
      this.error = this.said = sentence(problem);
      this.changed();
    }
  }

  go(position: number, said = ""): void {
    this.position = position;
    this.arrive(said);
    this.changed();
  }

  // --- How it is done -------------------------------------------------------------------

  private arrive(said = ""): void {
    this.error = "";
    this.hand.picked = null;
    this.hand.unfinished.clear();
    this.active = this.questions[0]?.name ?? "";
    const item = this.item;
    if (item) {
      this.phase = "ready";
      const draft = this.draft;
      if (draft) draft.startedAt = performance.now();
      const n = this.progress?.n_items;
      this.said = `${said ? `${said}. ` : ""}Item ${item.position + 1}${n ? ` of ${n}` : ""}`;
    } else if (this.items.isAtEnd) {
      this.phase = "finished";
      this.said = "No item is left";
    }
    void this.fetch();
  }

  async fetch(isAsked = false): Promise<void> {
    if (this.phase === "lost" || !this.hello) return;
    try {
      const reply = await this.items.fetch(this.position, isAsked);
      if (!reply) return;
      this.counts(reply);
      const { error } = this;
      const [first] = reply["items"] as Item[];
      if (!this.item && first) this.position = first.position;
      if (isAsked || !this.item || this.phase !== "ready") this.arrive();
      this.error = error;
    } catch (problem) {
      this.error = sentence(problem);
    }
    this.changed();
  }

  private counts(reply: Reply): void {
    this.progress = reply["progress"] ?? this.progress;
  }

  private entry(kind: Entry["kind"], item: Item, body: Entry["body"]): Entry {
    return { kind, body, position: item.position, status: "waiting", error: "" };
  }

  private send(entry: Entry): void {
    this.ledger.add(entry);
    const sent = this.channel.request(entry.kind, entry.body).then(
      (reply) => {
        this.ledger.saved(entry);
        this.counts(reply);
        if (reply["said"]) this.said = String(reply["said"]);
      },
      (problem: unknown) => {
        this.ledger.refused(entry, sentence(problem));
        this.rollBack(entry);
        this.said = entry.error;
      },
    );
    this.flying.add(sent);
    void sent.finally(() => {
      this.flying.delete(sent);
      this.changed();
    });
  }

  /** Show the item as not labeled again; the answers stay as a draft, to be mended. */
  private rollBack(entry: Entry): void {
    const item = this.items.at(entry.position);
    if (!item || item.key !== entry.body.key) return;
    item.mine = {};
    if (entry.kind === "submit" && item !== this.item) {
      const draft = newDraft(item);
      draft.answers = { ...entry.body["answers"] };
      draft.note = entry.body["note"] ?? "";
      this.drafts.set(item.key, draft);
    }
  }

}

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
