/** What travels between the widget and the kernel; see `qforge_jupyter/labeling/protocol.py`. */

export type Kind =
  | "choose"
  | "several"
  | "rate"
  | "number"
  | "text"
  | "spans"
  | "boxes"
  | "circles"
  | "polygons"
  | "brush";

export interface Offered {
  answer: string;
  key: string;
}

export interface Question {
  name: string;
  kind: Kind;
  answers: Offered[];
  low: number | null;
  high: number | null;
  low_is_open?: boolean;
  high_is_open?: boolean;
  unit?: string | null;
  is_stepped?: boolean;
  longest?: number;
  column?: string;
  is_needed?: boolean;
}

export interface Condition {
  if: string;
  ask: string[];
}

export interface Show {
  renderer: string;
  template?: string;
  columns: string[];
  files?: string[];
}

export type Value = any;
export type Answers = Record<string, Value>;

/** Put answers together by names alone: a question may be called constructor or __proto__. */
export const answersWith = (...parts: (Answers | undefined)[]): Answers => Object.assign(Object.create(null), ...parts);

/** Change one answer; undefined takes it away. */
export function withAnswer(answers: Answers, name: string, value: Value): Answers {
  const found = answersWith(answers);
  if (value === undefined) delete found[name];
  else found[name] = value;
  return found;
}

export interface Item {
  key: string;
  position: number;
  fields: Record<string, any>;
  mine: Answers;
  others?: { labeler: string; question: string; value: Value }[];
  status?: string;
}

export interface Progress {
  n_items: number;
  n_done: number;
  n_left: number;
  n_skipped: number;
  n_mine: number;
  /** Left of the region that was chosen on a map. */
  n_chosen_left?: number;
  gold?: { n: number; n_right: number } | null;
}

export interface Hello {
  questions: Question[];
  conditions?: Condition[];
  show: Show;
  keys: Record<string, string>;
  labeler: string;
  type?: string;
  items: Item[];
  resumed_at: number;
  drafts?: { key: string; answers: Answers; note?: string; confidence?: number | null }[];
  chosen?: unknown;
  progress: Progress;
}

/** Bytes of a picture as they came, with what the kernel knows of it. */
export interface Picture {
  bytes?: DataView;
  mime?: string;
  width?: number;
  height?: number;
  low?: number;
  high?: number;
  error?: string;
}

export const CANT_TELL = { cant_tell: true } as const;
/** Kinds whose answer marks places in a picture. */
export const DRAWN: readonly Kind[] = ["boxes", "circles", "polygons", "brush"];

export const isCantTell = (value: Value): boolean =>
  typeof value === "object" && value !== null && value.cant_tell === true;

/** Say whether something was answered: 0 and false are answers, "" and an empty list are none. */
export function isAnswered(value: Value): boolean {
  if (value === null || value === undefined || value === "" || value.not_asked) return false;
  return !Array.isArray(value) || value.length > 0;
}

export function isPicture(value: unknown): value is Picture {
  return typeof value === "object" && value !== null && ("bytes" in value || "error" in value);
}
