/**
 * One labeler before one queue, shared by every view of a widget.
 *
 * What is given is shown as given at once and counts as saved when the kernel has said so.
 */
import { Channel, newId, Refused, type Model, type Reply } from "../rpc";
import { Answering } from "./answering";
import { Asking } from "./asking";
import { draftAgain } from "./drafts";
import { Items } from "./items";
import { Keeping } from "./keeping";
import { Ledger, NOWHERE, type Entry } from "./ledger";
import { Outbox } from "./outbox";
import { MapWork } from "./map_work";
import { chosenOf, type Corner } from "./points";
import { answersWith, isAnswered, type Answers, type Hello, type Item } from "./protocol";
import { answersOf, lackOf, named, sentence, submissionOf } from "./submission";
import { turned, type Turn } from "./undoing";

const PING_MS = 4_000;
/** A kernel that takes seconds for a reply still gives the item before. */
const BACK_MS = 20_000;

export class Session extends Answering {
  readonly ledger: Ledger;
  readonly channel: Channel;
  protected readonly items: Items;
  protected readonly asking: Asking;
  readonly map: MapWork;
  /** What the kernel said of the last submission, if anything. */
  notice = "";
  private readonly outbox: Outbox;
  private readonly keeping: Keeping;

  constructor(model: Model) {
    super(String(model.get("title") || "Labeling"));
    const resume = String(model.get("resume") ?? "");
    this.ledger = new Ledger(model, resume);
    this.channel = new Channel(
      model,
      (isLive) => this.live(isLive),
      (isSlow) => this.slow(isSlow),
    );
    this.asking = new Asking(this.channel, () => this.changed());
    this.items = new Items(this.channel);
    this.keeping = new Keeping(this.channel, resume);
    this.outbox = new Outbox(this.ledger, this.channel, {
      saved: (reply, entry) => {
        this.counts(reply);
        if (reply["left_out"]) {
          this.ledger.nSaved -= 1;
          this.map.leftOut(entry.body.key);
        } else this.map.given(entry);
        if (reply["said"]) this.notice = this.said = named(entry.position, reply["said"]);
      },
      refused: (entry) => {
        this.rollBack(entry);
        this.said = entry.error;
      },
      settled: () => this.changed(),
    });
    this.map = new MapWork(this.channel, {
      settled: () => this.outbox.settled(),
      restart: (reply, said) => this.restart(reply, said),
      failed: (problem) => void (this.error = this.said = sentence(problem)),
      changed: () => this.changed(),
    });
  }

  close(): void {
    this.keeping.close();
    this.outbox.close();
    this.channel.close();
    this.unwatch();
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
      this.map.chosen = chosenOf(hello.chosen);
      for (const each of this.keeping.restored(hello.drafts ?? [])) this.before.set(each.key, each);
      this.position = hello.items[0]?.position ?? hello.resumed_at;
      this.items.isAtEnd = hello.items.length === 0;
      this.arrive();
      const nLeft = this.outbox.sendLeft();
      if (nLeft) this.said = `${count(nLeft, "label")} from before: sending`;
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

  // --- Giving it away -------------------------------------------------------------------

  submit(): void {
    for (const keep of [...this.hand.unfinished.values()]) keep();
    const { item, draft } = this;
    if (!item || !draft || this.phase !== "ready" || this.isTurning()) return;
    const { questions } = this;
    const lacking = questions.find((each) => each.is_needed && !isAnswered(draft.answers[each.name]));
    const answers = answersOf(questions, draft);
    if (lacking || !Object.keys(answers).length) {
      this.active = (lacking ?? questions[0])?.name ?? "";
      this.error = this.said = lackOf(lacking);
      return this.changed();
    }
    const others = this.map.others(item);
    const batch = others.length ? { batch: newId() } : {};
    this.outbox.send("submit", { ...submissionOf(item, draft, answers), ...batch }, item.position);
    for (const key of others) this.outbox.send("submit", { ...submissionOf({ key }, draft, answersWith(answers)), ...batch }, NOWHERE);
    this.items.drop(new Set(others), item.position);
    this.map.isAlike = false;
    item.mine = answers;
    this.leave(item);
  }

  /** Go on behind an item that was given away. */
  private leave(item: Item): void {
    this.notice = "";
    this.handedIn(item.key);
    this.go(this.items.after(item.position));
  }

  private handedIn(key: string): void {
    this.drafts.delete(key);
    this.before.delete(key);
    this.keeping.done(key);
  }

  skip(): void {
    const item = this.item;
    if (!item || this.phase !== "ready" || this.isTurning()) return;
    const reason = this.draft?.note ?? "";
    this.outbox.send("skip", { submission: newId(), key: item.key, reason }, item.position);
    this.leave(item);
  }

  protected touched(): void {
    if (this.item && this.draft) this.keeping.later(this.item.key, this.draft);
  }

  choose(within: Corner[] | null): void {
    if (this.phase !== "lost") void this.map.choose(within, this.items.nAhead);
  }

  private restart(reply: Reply, said: string): void {
    this.ledger.unplace();
    this.items.restart(reply["items"]);
    this.counts(reply);
    this.go(reply["resumed_at"], said);
  }

  /** Take back, or bring back, the last step of a drawing, else the last submission; without limit. */
  async turn(turn: Turn): Promise<void> {
    if (this.draft && turned(this.draft, turn)) {
      this.touched();
      return this.changed();
    }
    if (this.phase === "lost") return;
    const pressed = this.undoing.press(() => this.outbox.settled(), () => this.turnKept(turn));
    this.changed();
    await pressed.then(() => this.changed());
  }

  private async turnKept(turn: Turn): Promise<boolean> {
    const isBack = turn === "undo";
    try {
      const reply = await this.channel.request(turn, { submission: newId() });
      const item = reply["item"] as Item;
      const all: [string, Answers][] = reply["turned"] ?? [[item.key, item.mine]];
      const n = all.length > 1 ? `: ${count(all.length, "item")}` : "";
      this.counts(reply);
      for (const [key, said] of all) {
        this.map.turned(key, said, isBack);
        this.drafts.delete(key);
        if (!isBack) this.handedIn(key);
      }
      if (isBack && n) this.items.cut(item.position);
      this.items.take([item]);
      this.phase = "ready";
      if (isBack) this.go(item.position, `Taken back${n}`);
      else {
        this.items.drop(new Set(all.map(([key]) => key)), item.position);
        this.go(this.items.after(item.position), `Brought back${n}`);
      }
      if (reply["said"]) this.notice = this.said = reply["said"];
      return true;
    } catch (problem) {
      this.error = this.said = sentence(problem);
      return false;
    }
  }

  async back(): Promise<void> {
    const position = this.position - 1;
    if (position < 0 || this.phase === "lost" || this.phase === "refused") return;
    try {
      await this.items.before(position, BACK_MS);
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
    this.map.counts(this.progress?.n_chosen_left);
  }

  /** Show the item as not labeled again; the answers stay as a draft, to be mended. */
  private rollBack(entry: Entry): void {
    const item = this.items.at(entry.position);
    if (!item || item.key !== entry.body.key) return;
    item.mine = {};
    if (entry.kind === "submit" && item !== this.item) {
      const draft = draftAgain(item, entry.body);
      this.drafts.set(item.key, draft);
      this.keeping.later(item.key, draft);
    }
  }
}

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
