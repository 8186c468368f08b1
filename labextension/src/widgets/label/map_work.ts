/** Work on a map: where all items lie, the region that is labeled first, and the same answers for all of it. */
import type { Channel, Reply } from "../rpc";
import type { Entry } from "./ledger";
import { chosenOf, DONE, MINE, OPEN, Points, SKIPPED, type Chosen, type Corner } from "./points";
import type { Answers, Item } from "./protocol";

const LIMIT_MS = 20_000;

interface Work {
  /** Wait until all labels are with the kernel. */
  settled(): Promise<void>;
  /** Go on with another queue. */
  restart(reply: Reply, said: string): void;
  failed(problem: unknown): void;
  changed(): void;
}

export class MapWork {
  readonly points: Points;
  chosen: Chosen | null = null;
  /** What is answered next goes to all items of the region. */
  isAlike = false;

  constructor(
    private readonly channel: Channel,
    private readonly work: Work,
  ) {
    this.points = new Points(channel);
  }

  /** Ask where all items lie; without an answer the map shows those that came. */
  async ask(isForced = false): Promise<void> {
    try {
      const chosen = await this.points.ask(isForced);
      if (chosen === undefined) return;
      this.chosen = chosen;
    } catch {
      this.points.isTold = false;
    }
    this.work.changed();
  }

  /** Label only what lies within a line from now on; all items again with null. */
  async choose(within: Corner[] | null, n: number): Promise<void> {
    try {
      await this.work.settled();
      const reply = await this.channel.request("choose", { within, n }, LIMIT_MS);
      this.chosen = chosenOf(reply["chosen"]);
      this.isAlike = false;
      this.work.restart(reply, this.chosen ? `${this.chosen.nLeft} chosen` : "All items again");
      void this.ask(true);
    } catch (problem) {
      this.work.failed(problem);
    }
    this.work.changed();
  }

  /** Name the items that get the answers to this one, too. */
  others(item: Item): string[] {
    if (!this.isAlike) return [];
    return [...(this.chosen?.keys ?? [])].filter((key) => key !== item.key);
  }

  alike(isAlike: boolean): void {
    this.isAlike = isAlike;
    this.work.changed();
  }

  /** Colour the points by another thing. */
  show(hue: number): void {
    this.points.show(hue);
    this.work.changed();
  }

  given({ kind, body }: Entry): void {
    this.chosen?.keys?.delete(body.key);
    this.points.mark(body.key, kind === "skip" ? SKIPPED : MINE, body["answers"]);
  }

  /** Somebody else has it: it got none of the answers that went to all. */
  leftOut(key: string): void {
    this.chosen?.keys?.delete(key);
    this.points.mark(key, DONE);
  }

  /** Follow what was taken back, or brought back. */
  turned(key: string, said: Answers, isBack: boolean): void {
    const isAnswered = Object.keys(said).length > 0;
    if (!isBack) this.chosen?.keys?.delete(key);
    else if (this.chosen?.told?.has(key)) this.chosen.keys?.add(key);
    this.points.mark(key, isAnswered ? MINE : isBack ? OPEN : SKIPPED, said);
  }

  counts(nLeft: number | undefined): void {
    if (this.chosen && nLeft !== undefined) this.chosen.nLeft = nLeft;
  }
}
