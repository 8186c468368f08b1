/** A model as a notebook gives it, with a small kernel behind it that a test can hold up or kill. */

type Listener = (...given: any[]) => void;

export interface Plan {
  hues?: object[];
  questions: any[];
  rows: Record<string, any>[];
  show?: any;
  conditions?: any[];
  keys?: Record<string, string>;
  /** What a greeting says beside the rest. */
  greeting?: object;
}

export const KEYS = { undo: "z", redo: "r", skip: "s", back: "b", "can't tell": "x", note: "n" };

export function question(name: string, kind: string, answers: string[] = [], more: object = {}) {
  return {
    name,
    kind,
    answers: answers.map((answer, n) => ({ answer, key: String(n + 1) })),
    low: null,
    high: null,
    is_needed: ["choose", "rate", "number"].includes(kind),
    ...more,
  };
}

export class FakeModel {
  readonly state: Record<string, any> = { token: "", resume: "", title: "Label", unsaved: [] };
  readonly asked: any[] = [];
  readonly kept: any[] = [];
  readonly undone: any[] = [];
  isHeld = false;
  isDead = false;
  refuses = "";
  refusesRegions = "";
  /** What it says of a step back or forth. */
  says = "";
  /** What was half answered and came here. */
  readonly drafts: any[] = [];
  /** Rows of the region that is labeled first. */
  chosen: number[] | null = null;
  private readonly held: any[] = [];
  /** Replies to undo and redo, so that one that comes again is done once. */
  private readonly turns = new Map<string, any>();
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(readonly plan: Plan, state: object = {}) {
    Object.assign(this.state, { token: Math.random().toString(36) }, state);
  }

  get = (name: string): any => this.state[name];
  set = (name: string, value: unknown): void => void (this.state[name] = value);
  save_changes = (): void => undefined;

  on = (name: string, listener: Listener): void => {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name)!.add(listener);
  };

  off = (name: string, listener: Listener): void => void this.listeners.get(name)?.delete(listener);

  nListeners(): number {
    return [...this.listeners.values()].reduce((n, each) => n + each.size, 0);
  }

  tell(name: string, ...given: any[]): void {
    for (const each of this.listeners.get(name) ?? []) each(...given);
  }

  send = (request: any): void => {
    if (this.isDead) throw new Error("Cannot send");
    this.asked.push(request);
    if (this.isHeld) this.held.push(request);
    else queueMicrotask(() => this.reply(request));
  };

  /** Answer what was held up: so many questions, or all and whatever comes. */
  release(n?: number): void {
    if (n === undefined) this.isHeld = false;
    for (const each of this.held.splice(0, n ?? this.held.length)) this.reply(each);
  }

  reply(request: any): void {
    const found = this.answer(request);
    this.tell("msg:custom", { id: request.id, ...found }, found["buffers"] ?? []);
  }

  private answer(request: any): any {
    if (this.refuses && request.kind === "submit") return { error: this.refuses };
    switch (request.kind) {
      case "hello":
        return {
          ok: true,
          questions: this.plan.questions,
          conditions: this.plan.conditions ?? [],
          show: this.plan.show ?? { renderer: "record", columns: Object.keys(this.plan.rows[0] ?? {}) },
          keys: this.plan.keys ?? KEYS,
          labeler: "alice",
          items: this.items(0, request.n),
          resumed_at: 0,
          progress: this.progress(),
          ...this.plan.greeting,
        };
      case "next":
        return { ok: true, items: this.items(request.after + 1, request.n), progress: this.progress() };
      case "draft":
        this.drafts.push(request);
        return { ok: true };
      case "map":
        return { ok: true, ...this.map() };
      case "choose": {
        if (this.refusesRegions) return { error: this.refusesRegions };
        this.chosen = request.within && [3, 4, 5];
        const items = (this.chosen ?? [0]).map((at) => this.item(at));
        const { chosen, buffers } = this.map();
        return { ok: true, items, resumed_at: items[0].position, progress: this.progress(), chosen, buffers };
      }
      case "submit":
      case "skip":
        if (!this.kept.some((each) => each.submission === request.submission)) this.kept.push(request);
        return { ok: true, saved: request.submission, progress: this.progress() };
      case "undo":
      case "redo":
        if (!this.turns.has(request.submission)) this.turns.set(request.submission, this.turn(request.kind));
        return this.turns.get(request.submission);
      case "back":
        return { ok: true, item: this.item(request.position) };
      case "progress":
        return { ok: true, progress: this.progress() };
      case "asked":
        return { ok: true, asked: this.plan.questions.map((each) => each.name) };
      default:
        return { error: "No such request" };
    }
  }

  /** Move the last step, all of its batch, from what stands to what was taken back, or the other way. */
  private turn(kind: "undo" | "redo"): any {
    const [from, to] = kind === "undo" ? [this.kept, this.undone] : [this.undone, this.kept];
    const last = from.at(-1);
    if (!last) return { error: `There is nothing to ${kind === "undo" ? "undo" : "bring back"}` };
    const step = from.filter((each) => each === last || (last.batch && each.batch === last.batch));
    for (const each of step) from.splice(from.indexOf(each), 1);
    to.push(...step);
    const at = Math.min(...step.map((each) => Number(each.key.slice(1))));
    const said = kind === "undo" ? {} : last.answers;
    const turned = step.length > 1 ? { turned: step.map((each) => [each.key, said]) } : {};
    const item = { ...this.item(at), mine: said };
    return { ok: true, item, progress: this.progress(), ...turned, ...(this.says ? { said: this.says } : {}) };
  }

  private map(): any {
    const { rows } = this.plan;
    const keys = rows.map((_, at) => `k${at}`);
    const given = new Set(this.kept.map((each) => each.key));
    const left = this.chosen?.map((at) => `k${at}`).filter((key) => !given.has(key));
    const bytes = [
      new TextEncoder().encode(keys.join("\n")),
      new Uint8Array(Float64Array.from(rows, (each) => each["x"]).buffer),
      new Uint8Array(Float64Array.from(rows, (each) => each["y"]).buffer),
      Uint8Array.from(keys, (key) => Number(given.has(key))),
      new Uint8Array(rows.length).fill(255),
      new TextEncoder().encode((left ?? []).join("\n")),
    ];
    const [k, x, y, state, codes, of] = bytes.map((_, at) => ({ $buffer: at }));
    return {
      keys: k, x, y, state, n_items: rows.length + 1, n_placed: rows.length,
      hues: (this.plan.hues ?? [{ name: "tier", kind: "answer", labels: ["A", "B"] }]).map((each) => ({ ...each, codes })),
      chosen: left && { within: [[0, 0], [9, 0], [9, 9]], n: this.chosen!.length, n_left: left.length, keys: of },
      buffers: bytes.map((each) => new DataView(each.buffer)),
    };
  }

  private items(start: number, n: number): any[] {
    return this.plan.rows.slice(start, start + n).map((_, at) => this.item(start + at));
  }

  private item(at: number): any {
    return { key: `k${at}`, position: at, fields: this.plan.rows[at], mine: {}, claimed: true };
  }

  private progress(): any {
    const n = this.plan.rows.length;
    const nDone = this.kept.length;
    return { n_items: n, n_done: nDone, n_left: n - nDone, n_skipped: 0, n_mine: nDone, gold: null };
  }
}
