/**
 * Drafts on their way to where they outlive the page and the kernel.
 *
 * A change is in the page's store at once and in the kernel's a second later; the newer one counts.
 */
import type { Channel } from "../rpc";
import type { Draft } from "./drafts";
import { read, write } from "./page_store";

const WAIT_MS = 800;
const LIMIT_MS = 4_000;

export interface Kept {
  key: string;
  answers: Record<string, any>;
  note?: string;
  confidence?: number | null;
  /** When it changed, by the clock of the browser. */
  at?: number;
}

export class Keeping {
  private readonly waiting = new Map<string, Kept>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly channel: Channel,
    private readonly resume: string,
  ) {
    globalThis.addEventListener?.("pagehide", this.flush);
  }

  /** Keep a draft soon, however fast somebody types on. */
  later(key: string, draft: Draft): void {
    const { answers, note, confidence } = draft;
    const kept = { key, answers, note, confidence, at: Date.now() };
    this.waiting.set(key, kept);
    this.store(kept);
    this.timer ??= setTimeout(this.flush, WAIT_MS);
  }

  /** An item was given away: nothing of it has to be kept. */
  done(key: string): void {
    this.waiting.delete(key);
    this.store({ key, answers: {} });
  }

  /** Give what was kept, by the page or by the kernel, the newest of an item last. */
  restored(told: Kept[]): Kept[] {
    const all = [...told, ...read<Kept>("drafts", this.resume)];
    return all.sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
  }

  close(): void {
    this.flush();
    globalThis.removeEventListener?.("pagehide", this.flush);
  }

  private readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const kept of this.waiting.values()) {
      // One that is not taken is in the page still, and goes with its item.
      this.channel.request("draft", { ...kept }, LIMIT_MS).catch(() => undefined);
    }
    this.waiting.clear();
  };

  private store(kept: Kept): void {
    const others = read<Kept>("drafts", this.resume).filter((each) => each.key !== kept.key);
    write("drafts", this.resume, Object.keys(kept.answers).length || kept.note ? [kept, ...others] : others);
  }
}
