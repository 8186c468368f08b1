/** What the kernel tells of a verdict, and how numbers of it are written. */

export type Tone = "good" | "fair" | "caution" | "bad" | "neutral";

export interface Dimension {
  name: string;
  question: string;
  score: number | null;
  low: number | null;
  /** Down to there the lower bounds of sound candidates reach. */
  by_chance: number | null;
  tone: Tone;
  worst: string;
  at: string;
  excess: number;
  least: number;
  declined: string;
}

export interface Statistic {
  dimension: string;
  name: string;
  at: string;
  columns: number[];
  value: number;
  expected: number;
  spread: number;
  low: number;
  tolerance: number;
  excess: number;
  p_value: number;
}

export interface Headline {
  word: string;
  tone: Tone;
  said: string;
  score: number;
  low: number;
  high: number;
  p_value: number;
  false_alarms: number;
  dimensions: Dimension[];
}

export interface Verdict extends Headline {
  candidate: { name: string; n: number };
  reference: { name: string; n: number };
  n_columns: number;
  because: string[];
  needed: string;
  unsettled: string[];
  interrupted: string;
  statistics: Statistic[];
  columns: string[];
  worst: number[];
  copying: {
    is_flagged: boolean;
    is_identifiable: boolean;
    tolerated: number;
    lines: [string, number, number, boolean][];
  };
  left_out: [string, string][];
  notes: string[];
}

export interface Overlay {
  column: string;
  labels: string[];
  candidate: number[];
  reference: number[];
}

export interface Region {
  rule: string;
  n: number;
  expected: number;
  ratio: number | null;
  low: number | null;
  high: number | null;
}

export interface Localization {
  name: string;
  n_unlike: number;
  n_rows: number;
  n_suspect: number;
  n_missing: number;
  channels: [string, number][];
  regions: Region[];
  missing_regions: Region[];
  overlays: Overlay[];
  notes: string[];
}

export interface Gain {
  before: number;
  after: number;
  value: number;
  low: number;
  high: number;
  word_before: string;
  word_after: string;
}

export interface Entry {
  place: number;
  name: string;
  title: string;
  sentence: string;
  needs: string;
  standing: string;
  gain: Gain | null;
  estimated: number;
  seconds: number;
  n_before: number;
  n_after: number;
  n_changed: number;
  takes_rows: boolean;
}

export interface Plan {
  name: string;
  advice: string;
  score: number | null;
  word: string;
  n_tried: number;
  n_judging: number;
  n_left: number;
  entries: Entry[];
  declined: [string, string][];
}

export interface Fixed {
  name: string;
  place: number;
  title: string;
  sentence: string;
  gain: Gain;
  n_before: number;
  n_after: number;
  n_changed: number;
  n_judging: number;
  judged_by: string;
  committed: string;
  after: Headline | null;
}

export interface Job {
  work: string;
  state: "running" | "done" | "stopped" | "failed";
  said: string;
  note: string;
  done: number;
  total: number | null;
  share: number | null;
  left_s: number | null;
  seconds: number;
  is_stopping: boolean;
}

export type Which = "suspects" | "missing" | "region" | "missing region";

export interface Place {
  which: Which;
  at: number;
}

export interface RowPage {
  head: string[];
  rows: { row: number; score: number | null; reason: string; blamed: number[]; cells: string[] }[];
  total: number;
  n_hidden: number;
  page_rows: number;
  code: { said: string; code: string }[];
}

export function shown(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return "–";
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/** A number with three digits that say something. */
export function brief(value: number | null): string {
  if (value === null) return "–";
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** A sentence of the kernel's begins as a sentence does. */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function signed(value: number): string {
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)}`;
}

export function percent(share: number, digits = 1): string {
  return `${shown(100 * share, digits)} %`;
}

export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  if (minutes < 60) return `${minutes} min${rest ? ` ${rest} s` : ""}`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
}

/** How far a job is, in one line. */
export function progressOf(job: Job): string {
  const parts = [job.share === null ? "" : percent(job.share, 0), job.note];
  if (job.total && job.total > 1) parts.push(`${shown(job.done)} of ${shown(job.total)}`);
  parts.push(job.left_s === null ? `${duration(job.seconds)} so far` : `about ${duration(job.left_s)} left`);
  return parts.filter(Boolean).join(" · ");
}
