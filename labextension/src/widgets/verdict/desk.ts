/** Asks the kernel about one verdict, follows the work that goes on there, and keeps what it told. */
import { Channel, Refused, type Model, type Reply } from "../rpc";
import type { Fixed, Job, Localization, Overlay, Place, Plan, RowPage, Verdict } from "./told";

/** How often work that goes on is asked after, and how long an answer to that is waited for. */
const EVERY_MS = 400;
const PATIENCE_MS = 5_000;

export type Phase = "connecting" | "ready" | "busy" | "lost";

const SAID: Record<string, string> = {
  localize: "Rows were looked for",
  recommend: "Fixes were tried",
  fix: "The fix was applied",
};

export class Desk {
  phase: Phase = "connecting";
  problem = "";
  verdict: Verdict | null = null;
  hasTables = true;
  localization: Localization | null = null;
  plan: Plan | null = null;
  fixed: Fixed | null = null;
  job: Job | null = null;
  /** What a screen reader hears. */
  said = "";
  readonly title: string;
  readonly overlays = new Map<number, Overlay>();
  private readonly channel: Channel;
  private readonly watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(model: Model) {
    this.title = String(model.get("title"));
    this.channel = new Channel(
      model,
      (isLive) => {
        if (isLive) this.become(this.verdict ? "ready" : "connecting");
        else this.lose();
      },
      (isSlow) => {
        if (this.phase !== "lost") this.become(isSlow ? "busy" : this.verdict ? "ready" : "connecting");
      },
    );
    void this.greet();
  }

  watch(callback: () => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.channel.close();
    this.watchers.clear();
  }

  get isWorking(): boolean {
    return this.job?.state === "running";
  }

  /** The two distributions of a column; told once, kept then. */
  async column(at: number): Promise<void> {
    if (this.overlays.has(at)) return;
    await this.ask("column", { at }, (reply) => this.overlays.set(at, reply["overlay"] as Overlay));
  }

  async rows(place: Place, start: number): Promise<RowPage | null> {
    let page: RowPage | null = null;
    await this.ask("rows", { ...place, start }, (reply) => (page = reply as unknown as RowPage));
    return page;
  }

  async start(work: string, body: Record<string, unknown> = {}): Promise<void> {
    if (this.isWorking) return;
    await this.ask("start", { work, ...body }, (reply) => (this.job = reply["job"] as Job));
    if (this.isWorking) this.follow();
  }

  async stop(): Promise<void> {
    await this.ask("stop", {}, (reply) => (this.job = (reply["job"] as Job | null) ?? this.job));
  }

  private async greet(): Promise<void> {
    await this.ask("hello", {}, (reply) => {
      this.verdict = reply["verdict"] as Verdict;
      this.hasTables = Boolean(reply["has_tables"]);
      this.take(reply);
    });
    if (this.isWorking) this.follow();
  }

  private take(reply: Reply): void {
    this.localization = (reply["localization"] as Localization | null) ?? this.localization;
    this.plan = (reply["plan"] as Plan | null) ?? this.plan;
    if ("fixed" in reply) this.fixed = reply["fixed"] as Fixed | null;
    this.job = (reply["job"] as Job | null) ?? null;
  }

  private async ask(
    kind: string,
    body: Record<string, unknown>,
    take: (reply: Reply) => void,
  ): Promise<void> {
    if (this.phase === "lost") return;
    try {
      const reply = await this.channel.request(kind, body);
      this.problem = "";
      take(reply);
      this.become("ready");
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      this.refuse(problem.message);
    }
  }

  private follow(): void {
    clearTimeout(this.timer);
    if (this.isClosed || this.phase === "lost") return;
    this.timer = setTimeout(() => void this.look(), EVERY_MS);
  }

  private async look(): Promise<void> {
    const before = this.job?.work ?? "";
    try {
      const reply = await this.channel.request("job", {}, PATIENCE_MS);
      if (this.isClosed) return;
      const job = reply["job"] as Job | null;
      if (job?.state === "running") this.job = job;
      else {
        this.take(reply);
        if (job?.state === "stopped") this.said = job.said || "The work was stopped";
        else this.said = SAID[before] ?? "";
      }
      this.become("ready");
    } catch (problem) {
      if (problem instanceof Refused) {
        this.job = null;
        this.refuse(problem.message);
        return;
      }
      if (this.phase !== "lost") this.become("busy");
    }
    if (this.isWorking) this.follow();
  }

  private refuse(sentence: string): void {
    this.problem = sentence;
    this.become("ready");
  }

  private lose(): void {
    clearTimeout(this.timer);
    this.job = null;
    this.become("lost");
  }

  private become(phase: Phase): void {
    this.phase = phase;
    for (const each of [...this.watchers]) each();
  }
}
