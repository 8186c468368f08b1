/**
 * What was given, on its way to the kernel: one after the other, in the order of the keys.
 *
 * A kernel may answer on two threads, so the next goes when the one before was answered. Those of
 * one batch have no order and go together.
 */
import type { Channel, Reply } from "../rpc";
import type { Entry, Ledger } from "./ledger";
import { sentence } from "./submission";

interface Heard {
  saved(reply: Reply, entry: Entry): void;
  refused(entry: Entry): void;
  settled(): void;
}

export class Outbox {
  private waiting: Entry[] = [];
  private readonly flying = new Map<Entry, Promise<unknown>>();

  constructor(
    private readonly ledger: Ledger,
    private readonly channel: Channel,
    private readonly heard: Heard,
  ) {
    globalThis.addEventListener?.("pagehide", this.hurry);
  }

  send(kind: Entry["kind"], body: Entry["body"], position: number): void {
    const entry: Entry = { kind, body, position, status: "waiting", error: "" };
    this.ledger.add(entry);
    this.waiting.push(entry);
    this.next();
  }

  /** Send what an earlier widget of this cell could not, and count it. */
  sendLeft(): number {
    const left = this.ledger.left();
    for (const each of left) this.send(each.kind, each.body, each.position);
    return left.length;
  }

  /** Wait until everything that is on its way was answered. */
  async settled(): Promise<void> {
    while (this.flying.size) await Promise.allSettled(this.flying.values());
  }

  close(): void {
    this.hurry();
    globalThis.removeEventListener?.("pagehide", this.hurry);
  }

  /** There is no time left to wait for answers: the kernel gets all that it did not get yet. */
  private readonly hurry = (): void => {
    for (const each of this.waiting.splice(0)) this.post(each);
  };

  private next(): void {
    const batches = new Set([...this.flying.keys()].map((each) => each.body["batch"]));
    for (let [first] = this.waiting; first; [first] = this.waiting) {
      const { batch } = first.body;
      if (batches.size && !(batch && batches.has(batch))) return;
      this.waiting.shift();
      batches.add(batch);
      this.post(first);
    }
  }

  private post(entry: Entry): void {
    const sent = this.channel.request(entry.kind, entry.body).then(
      (reply) => {
        this.ledger.saved(entry);
        this.heard.saved(reply, entry);
      },
      (problem: unknown) => {
        this.ledger.refused(entry, sentence(problem));
        this.heard.refused(entry);
      },
    );
    const done = sent.finally(() => {
      this.flying.delete(entry);
      this.next();
      this.heard.settled();
    });
    this.flying.set(entry, done);
  }
}
