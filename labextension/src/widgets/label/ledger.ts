/** What was given and where it is by now: waiting for the kernel, saved, or refused by it. */
import type { Model } from "../rpc";
import { read, write } from "./page_store";

export interface Entry {
  kind: "submit" | "skip";
  body: Record<string, any> & { submission: string; key: string };
  position: number;
  status: "waiting" | "saved" | "failed";
  error: string;
}

/** Position of an item that was labeled beside the queue, as with a lasso. */
export const NOWHERE = -1;

export class Ledger {
  nSaved = 0;
  /** What waits would be found by the cell's next widget. */
  isKept = true;
  private readonly open = new Map<string, Entry>();

  constructor(
    private readonly model: Model,
    private readonly resume: string,
  ) {}

  get waiting(): Entry[] {
    return [...this.open.values()].filter((each) => each.status === "waiting");
  }

  get failed(): Entry[] {
    return [...this.open.values()].filter((each) => each.status === "failed");
  }

  add(entry: Entry): void {
    for (const each of this.failed) if (each.body.key === entry.body.key) this.drop(each);
    this.open.set(entry.body.submission, entry);
    this.keep();
  }

  saved(entry: Entry): void {
    entry.status = "saved";
    this.nSaved += 1;
    this.drop(entry);
    this.keep();
  }

  refused(entry: Entry, error: string): void {
    entry.status = "failed";
    entry.error = error;
    this.keep();
  }

  /** The queue is another one: positions of before lead nowhere. */
  unplace(): void {
    for (const each of this.open.values()) each.position = NOWHERE;
  }

  drop(entry: Entry): void {
    this.open.delete(entry.body.submission);
  }

  /** Say it in a few words, as in "3 saved · 2 waiting for the kernel". */
  get text(): string {
    const parts = [`${this.nSaved} saved`];
    if (this.waiting.length) parts.push(`${this.waiting.length} waiting for the kernel`);
    if (this.failed.length) parts.push(`${this.failed.length} not saved`);
    return parts.join(" · ");
  }

  /** What an earlier widget of the same cell could not deliver, or this one before a reload. */
  left(): Entry[] {
    const found = new Map<string, Entry>();
    for (const each of [...read<Entry>("label", this.resume), ...list(this.model.get("unsaved"))]) {
      if (each?.body?.submission && (each.kind === "submit" || each.kind === "skip")) {
        found.set(each.body.submission, each);
      }
    }
    return [...found.values()];
  }

  /** Keep what is not saved in the page's session, so that the cell's next widget sends it. */
  private keep(): void {
    this.isKept = write("label", this.resume, this.waiting);
  }

  /** Keep it in the widget's own state, too: the notebook may be saved with it. */
  rescue(): void {
    this.keep();
    try {
      this.model.set("unsaved", this.waiting);
      this.model.save_changes();
    } catch {
      // There is no kernel to tell: the state of the page holds it.
    }
  }
}

const list = (value: unknown): Entry[] => (Array.isArray(value) ? value : []);
