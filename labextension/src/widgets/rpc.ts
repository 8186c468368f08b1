/**
 * Questions to the kernel: each has an id, a time limit and an answer.
 *
 * A request that must not be lost is kept and sent again until it is answered; the kernel keeps a
 * submission once, however often it comes.
 */

export interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(name: string, callback: (...given: any[]) => void): void;
  off(name: string, callback: (...given: any[]) => void): void;
  /** Where the frontend tells of its kernel, as JupyterLab and Notebook do. */
  widget_manager?: { kernel?: Kernel | null };
}

interface Kernel {
  statusChanged?: {
    connect(follow: (kernel: unknown, status: string) => void): void;
    disconnect(follow: (kernel: unknown, status: string) => void): void;
  };
}

/** What a kernel is in when its memory, and the other end of this channel, is gone. */
const GONE = new Set(["dead", "autorestarting", "restarting", "terminating"]);
/** After so long without an answer the kernel is called busy. */
const SLOW_MS = 4_000;

export type Reply = Record<string, any>;

/** The kernel answered that it will not: one sentence. */
export class Refused extends Error {}
/** No answer came. */
export class Unanswered extends Error {}

interface Pending {
  content: Record<string, unknown>;
  isKept: boolean;
  firstAt: number;
  sentAt: number;
  waitMs: number;
  resolve(reply: Reply): void;
  reject(problem: Error): void;
}

const FIRST_RESEND_MS = 15_000;
const LONGEST_RESEND_MS = 120_000;

export class Channel {
  /** Whether messages can reach a kernel, as far as is known. */
  isLive = true;
  private readonly pending = new Map<string, Pending>();
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly kernel: Kernel | null;
  private isSlow = false;
  /** When an answer came last, and when the latest of the answered was sent. */
  private heardAt = 0;
  private answeredAt = 0;

  constructor(
    private readonly model: Model,
    private readonly onLive: (isLive: boolean) => void,
    private readonly onSlow: (isSlow: boolean) => void = () => undefined,
  ) {
    this.kernel = model.widget_manager?.kernel ?? null;
    this.kernel?.statusChanged?.connect(this.status);
    model.on("msg:custom", this.receive);
    model.on("comm_live_update", this.follow);
    this.timer = setInterval(() => this.tick(Date.now()), 1_000);
  }

  /** Ask; `limitMs` 0 keeps the question until it is answered. */
  request(kind: string, body: Record<string, unknown>, limitMs = 0): Promise<Reply> {
    const id = newId();
    const content = { ...body, id, kind };
    return new Promise((resolve, reject) => {
      const isKept = limitMs === 0;
      this.pending.set(id, {
        content,
        isKept,
        firstAt: Date.now(),
        sentAt: Date.now(),
        waitMs: FIRST_RESEND_MS,
        resolve,
        reject,
      });
      if (!isKept) {
        setTimeout(() => {
          if (this.pending.delete(id)) reject(new Unanswered(kind));
        }, limitMs);
      }
      this.post(content);
    });
  }

  /** Send again, in their order, what was not answered for long; all of it with no moment given. */
  resend(now?: number): void {
    if (!this.isLive && now !== undefined) return;
    for (const each of this.pending.values()) {
      if (!each.isKept || (now !== undefined && !this.isOverdue(each, now))) continue;
      each.sentAt = Date.now();
      each.waitMs = Math.min(2 * each.waitMs, LONGEST_RESEND_MS);
      if (!this.post(each.content)) return;
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.kernel?.statusChanged?.disconnect(this.status);
    this.model.off("msg:custom", this.receive);
    this.model.off("comm_live_update", this.follow);
    this.pending.clear();
  }

  /** A kernel that answers one after the other, slowly, is not asked the same again meanwhile. */
  private isOverdue({ sentAt, waitMs }: Pending, now: number): boolean {
    const isPassedOver = this.answeredAt > sentAt;
    return now - sentAt >= waitMs && (isPassedOver || now - this.heardAt >= waitMs);
  }

  private tick(now: number): void {
    this.look(now);
    this.resend(now);
  }

  private look(now: number): void {
    const waits = [...this.pending.values()].some(
      (each) => each.isKept && now - each.firstAt > SLOW_MS,
    );
    if (waits !== this.isSlow) {
      this.isSlow = waits;
      this.onSlow(waits);
    }
  }

  private post(content: Record<string, unknown>): boolean {
    try {
      this.model.send(content);
      return true;
    } catch {
      this.live(false);
      return false;
    }
  }

  private live(isLive: boolean): void {
    if (isLive === this.isLive) return;
    this.isLive = isLive;
    this.onLive(isLive);
    if (isLive) this.resend();
  }

  private readonly follow = (first: unknown, second?: unknown): void => {
    const said = second ?? (first as { comm_live?: boolean } | null)?.comm_live ?? first;
    if (typeof said === "boolean") this.live(said);
  };

  private readonly status = (_kernel: unknown, status: string): void => {
    if (GONE.has(status)) this.live(false);
  };

  private readonly receive = (content: unknown, buffers?: DataView[]): void => {
    const reply = content as Reply | null;
    const each = reply && typeof reply.id === "string" ? this.pending.get(reply.id) : undefined;
    if (!reply || !each) return;
    this.pending.delete(reply.id);
    this.heardAt = Date.now();
    this.answeredAt = Math.max(this.answeredAt, each.sentAt);
    this.live(true);
    this.look(Date.now());
    if (typeof reply.error === "string") each.reject(new Refused(reply.error));
    else each.resolve(withBuffers(reply, buffers ?? []) as Reply);
  };
}

/** Put the bytes that came beside a message where the message has `{$buffer: number}`. */
export function withBuffers(value: unknown, buffers: DataView[]): unknown {
  if (Array.isArray(value)) return value.map((each) => withBuffers(each, buffers));
  if (value === null || typeof value !== "object") return value;
  const found: Record<string, unknown> = Object.create(null); // a column may be called __proto__
  for (const [name, each] of Object.entries(value)) {
    if (name === "$buffer") found["bytes"] = buffers[each as number];
    else found[name] = withBuffers(each, buffers);
  }
  return found;
}

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
}
