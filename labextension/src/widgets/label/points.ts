/** All items of a session on a plane, as the kernel tells them; what is given meanwhile is followed. */
import type { Channel, Reply } from "../rpc";

export const OPEN = 0;
export const MINE = 1;
export const DONE = 2;
export const SKIPPED = 3;
/** Code of a point without a colour. */
export const NONE = 255;
const FRESH_MS = 60_000;
const LIMIT_MS = 20_000;

export type Corner = [number, number];

/** By what points are coloured. */
export interface Hue {
  name: string;
  kind: "answer" | "column" | "steps";
  labels: string[];
  codes: Uint8Array;
  /** Of a rating: where its steps meet. */
  cuts?: number[];
}

/** The region that is labeled first. */
export interface Chosen {
  within: Corner[];
  n: number;
  nLeft: number;
  /** Items that are left; null where they are too many to get the same answers. */
  keys: Set<string> | null;
  /** Those that were left when the kernel told. */
  told: ReadonlySet<string> | null;
}

export class Points {
  keys: string[] = [];
  x = new Float64Array();
  y = new Float64Array();
  state = new Uint8Array();
  hues: Hue[] = [];
  /** Which of them is shown. */
  hue = 0;
  nItems = 0;
  nPlaced = 0;
  /** Grows whenever what is drawn changed. */
  version = 0;
  isTold = false;
  private askedAt = -Infinity;
  private places = new Map<string, number>();

  constructor(private readonly channel: Channel) {}

  /** Ask the kernel, unless it told lately; give what was chosen, undefined where nothing came. */
  async ask(isForced = false): Promise<Chosen | null | undefined> {
    if (!isForced && performance.now() - this.askedAt < FRESH_MS) return undefined;
    this.askedAt = performance.now();
    const reply = await this.channel.request("map", {}, LIMIT_MS);
    this.take(reply);
    return chosenOf(reply["chosen"]);
  }

  /** Follow what was given to an item. */
  mark(key: string, state: number, answers: Record<string, unknown> = {}): void {
    const at = this.places.get(key);
    if (at === undefined) return;
    this.state[at] = state;
    for (const hue of this.hues) {
      if (isOfAnswers(hue)) hue.codes[at] = codeOf(hue, answers[hue.name]);
    }
    this.version += 1;
  }

  show(hue: number): void {
    this.hue = hue;
    this.version += 1;
  }

  /** Take items that came, where the kernel tells of no map. */
  know(items: { key: string; x: unknown; y: unknown; isDone: boolean }[]): void {
    const placed = items.filter((each) => Number.isFinite(each.x) && Number.isFinite(each.y));
    if (this.isTold || placed.length === this.keys.length) return;
    this.place(placed.map((each) => each.key));
    this.x = Float64Array.from(placed, (each) => Number(each.x));
    this.y = Float64Array.from(placed, (each) => Number(each.y));
    this.state = Uint8Array.from(placed, (each) => (each.isDone ? MINE : OPEN));
    this.nItems = this.nPlaced = placed.length;
  }

  private take(reply: Reply): void {
    this.isTold = true;
    this.place(lines(reply["keys"]));
    this.x = new Float64Array(copied(reply["x"]));
    this.y = new Float64Array(copied(reply["y"]));
    this.state = new Uint8Array(copied(reply["state"]));
    this.hues = (reply["hues"] as any[]).map((each) => ({
      ...each,
      codes: new Uint8Array(copied(each.codes)),
    }));
    this.nItems = reply["n_items"];
    this.nPlaced = reply["n_placed"];
  }

  private place(keys: string[]): void {
    this.keys = keys;
    this.places = new Map(keys.map((key, at) => [key, at]));
    this.version += 1;
  }
}

export function chosenOf(told: any): Chosen | null {
  if (!told) return null;
  const keys = told.keys ? lines(told.keys) : null;
  return {
    within: told.within,
    n: told.n,
    nLeft: told.n_left,
    keys: keys && new Set(keys),
    told: keys && new Set(keys),
  };
}

export const isOfAnswers = (hue: Hue): boolean => hue.kind === "answer" || hue.cuts !== undefined;

function codeOf(hue: Hue, answer: unknown): number {
  if (hue.cuts) return typeof answer === "number" ? hue.cuts.filter((cut) => cut <= answer).length : NONE;
  if (typeof answer !== "string" && typeof answer !== "number") return NONE;
  const at = hue.labels.indexOf(String(answer));
  return at < 0 ? NONE : at;
}

function copied({ bytes }: { bytes: DataView }): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function lines(told: { bytes: DataView }): string[] {
  const text = new TextDecoder().decode(copied(told));
  return text ? text.split("\n") : [];
}
