/** Asks the kernel what changed, as long as somebody can see it. */
import { Channel, Refused, type Model } from "../rpc";
import type { Figures } from "./figures";
import { lowestAlpha, nLabeled, shown } from "./figures";

/** How often is asked, in milliseconds; less often after a refusal. */
const EVERY_MS = 2_000;
const AFTER_REFUSAL_MS = 10_000;
/** So long an answer is waited for before the kernel is said to be silent. */
const PATIENCE_MS = 6_000;

export type Phase = "connecting" | "live" | "silent" | "lost" | "refused";

export class Watcher {
  figures: Figures | null = null;
  phase: Phase = "connecting";
  problem = "";
  /** When the kernel said last that these are the figures. */
  asOf: Date | null = null;
  /** What a screen reader hears, changed only where figures did. */
  said = "";
  readonly title: string;
  private stamp = "";
  private readonly channel: Channel;
  private readonly looking = new Set<object>();
  private readonly watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsking = false;
  private isClosed = false;

  constructor(model: Model) {
    this.title = String(model.get("title"));
    this.channel = new Channel(model, (isLive) => {
      if (isLive) this.ask();
      else this.become("lost");
    });
    document.addEventListener("visibilitychange", this.turned);
  }

  watch(callback: () => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  /** A view comes into sight, or leaves it. */
  see(view: object, isSeen: boolean): void {
    if (isSeen) this.looking.add(view);
    else this.looking.delete(view);
    if (isSeen) this.ask();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.turned);
    this.channel.close();
    this.watchers.clear();
  }

  private get isSeen(): boolean {
    return this.looking.size > 0 && !document.hidden && !this.isClosed;
  }

  private readonly turned = (): void => {
    if (!document.hidden) this.ask();
  };

  private ask(): void {
    clearTimeout(this.timer);
    if (!this.isSeen || this.isAsking) return;
    this.isAsking = true;
    void this.look().then((waitMs) => {
      this.isAsking = false;
      if (!this.isClosed) this.timer = setTimeout(() => this.ask(), waitMs);
    });
  }

  private async look(): Promise<number> {
    try {
      const reply = await this.channel.request("look", { since: this.stamp }, PATIENCE_MS);
      this.asOf = new Date();
      this.problem = "";
      if (!reply["unchanged"]) this.take(reply["figures"] as Figures, String(reply["stamp"]));
      this.become("live");
    } catch (problem) {
      if (problem instanceof Refused) {
        this.problem = problem.message;
        this.become("refused");
        return AFTER_REFUSAL_MS;
      }
      this.become(this.channel.isLive ? "silent" : "lost");
    }
    return EVERY_MS;
  }

  private take(figures: Figures, stamp: string): void {
    const isFirst = this.figures === null;
    this.figures = figures;
    this.stamp = stamp;
    if (isFirst) return;
    const alpha = lowestAlpha(figures);
    const agreed = alpha === null ? "" : `, lowest alpha ${shown(alpha, 2)}`;
    this.said = `${shown(nLabeled(figures))} of ${shown(figures.n_rows)} rows labeled, ${shown(figures.n_answers)} answers${agreed}`;
  }

  private become(phase: Phase): void {
    this.phase = phase;
    for (const each of [...this.watchers]) each();
  }
}
