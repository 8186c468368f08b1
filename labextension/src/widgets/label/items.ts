/** Items that came, and some more ahead, so that labeling goes on while the kernel is busy. */
import type { Channel, Reply } from "../rpc";
import type { Item } from "./protocol";

/** Items to have ahead: fewer where each brings a picture. */
const N_AHEAD = 8;
const N_PICTURES_AHEAD = 3;

export class Items {
  /** The kernel had no more when it was asked last. */
  isAtEnd = false;
  nAhead = N_PICTURES_AHEAD;
  private isFetching = false;
  private readonly byPosition = new Map<number, Item>();

  constructor(private readonly channel: Channel) {}

  at(position: number): Item | null {
    return this.byPosition.get(position) ?? null;
  }

  get all(): Item[] {
    return [...this.byPosition.values()];
  }

  take(items: Item[]): void {
    for (const each of items) this.byPosition.set(each.position, each);
  }

  /** Give the position of the next item that came, the one behind where none did. */
  after(position: number): number {
    const later = [...this.byPosition.keys()].filter((each) => each > position);
    return later.length ? Math.min(...later) : position + 1;
  }

  /** Begin anew: the queue is another one now. */
  restart(items: Item[]): void {
    this.byPosition.clear();
    this.take(items);
    this.isAtEnd = items.length === 0;
  }

  /** Let go of what was given elsewhere and must not be asked again. */
  drop(keys: Set<string>, but: number): void {
    for (const [position, each] of this.byPosition) {
      if (position > but && keys.has(each.key)) this.byPosition.delete(position);
    }
  }

  /** Let go of all behind a position, so that it is asked for anew. */
  cut(position: number): void {
    for (const each of [...this.byPosition.keys()]) if (each > position) this.byPosition.delete(each);
    this.isAtEnd = false;
  }

  haveAhead(arePictures: boolean): void {
    this.nAhead = arePictures ? N_PICTURES_AHEAD : N_AHEAD;
  }

  /** Fetch what comes next; null where nothing has to be fetched. */
  async fetch(position: number, isAsked: boolean): Promise<Reply | null> {
    const last = Math.max(position - 1, ...this.byPosition.keys());
    const isEnough = last - position >= this.nAhead || (this.isAtEnd && !isAsked);
    if (this.isFetching || isEnough) return null;
    this.isFetching = true;
    try {
      const reply = await this.channel.request("next", { after: last, n: this.nAhead });
      this.take(reply["items"] as Item[]);
      this.isAtEnd = reply["items"].length === 0;
      return reply;
    } finally {
      this.isFetching = false;
    }
  }

  /** Fetch one that was given before. */
  async before(position: number, limitMs: number): Promise<void> {
    if (this.byPosition.has(position)) return;
    const reply = await this.channel.request("back", { position }, limitMs);
    this.take([reply["item"] as Item]);
  }
}
