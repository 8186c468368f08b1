/** What was given, on its way to the kernel. */
import type { Channel, Reply } from "../rpc";
import type { Entry, Ledger } from "./ledger";
import { sentence } from "./submission";

interface Heard {
  saved(reply: Reply, entry: Entry): void;
  refused(entry: Entry): void;
  settled(): void;
}

export class Outbox {
  private readonly flying = new Set<Promise<unknown>>();

  constructor(
    private readonly ledger: Ledger,
    private readonly channel: Channel,
    private readonly heard: Heard,
  ) {}

  send(kind: Entry["kind"], body: Entry["body"], position: number): void {
    const entry: Entry = { kind, body, position, status: "waiting", error: "" };
    this.ledger.add(entry);
    const sent = this.channel.request(kind, body).then(
      (reply) => {
        this.ledger.saved(entry);
        this.heard.saved(reply, entry);
      },
      (problem: unknown) => {
        this.ledger.refused(entry, sentence(problem));
        this.heard.refused(entry);
      },
    );
    this.flying.add(sent);
    void sent.finally(() => {
      this.flying.delete(sent);
      this.heard.settled();
    });
  }

  /** Send what an earlier widget of this cell could not, and count it. */
  sendLeft(): number {
    const left = this.ledger.left();
    for (const each of left) this.send(each.kind, each.body, each.position);
    return left.length;
  }

  /** Wait until everything that is on its way was answered. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.flying]);
  }
}
