/** The figures as the kernel sends them. */

export type Counted = [string | null, number];

export interface Drawn {
  counts: number[];
  low: number;
  high: number;
  mean?: number;
}

export interface Agreed {
  coefficient: string;
  value: number | null;
  n: number;
  reason: string;
}

export interface QuestionFigures {
  name: string;
  kind: string;
  n_answers: number;
  n_items: number;
  n_cant_tell: number;
  n_valued: number;
  how: Counted[];
  balance: Counted[];
  n_more: number;
  histogram: Drawn | null;
  agreement: Agreed[];
  pairs: { labelers: string[]; kappa: (number | null)[][] } | null;
  note: string;
}

export interface LabelerFigures {
  labeler: string;
  n_labels: number;
  n_items: number;
  n_cant_tell: number;
  n_skipped: number;
  n_undone: number | null;
  median_s: number | null;
  per_hour: number | null;
  n_compared: number | null;
  n_alike: number | null;
  trend: number | null;
  gold: [number, number];
}

/** A labeler at work until a long break. */
export interface SessionFigures {
  labeler: string;
  nth: number;
  kind: string;
  started_at: string;
  n_labels: number;
  median_s: number | null;
  per_hour: number | null;
  n_compared: number | null;
  n_alike: number | null;
  quality: number | null;
  change: number | null;
  gold: [number, number];
}

export interface Thin {
  rule: string;
  n: number;
  expected: number;
  collect: number;
  tiers?: string;
}

/** How well a model predicts each label that it never saw. */
export interface ModelFigures {
  target: string;
  n: number;
  n_right?: number;
  histogram: Drawn | null;
  classes: [string, number, number, number, number][];
  n_more?: number;
  lowest: [string, string, string, number][];
  note: string;
}

export interface ColumnCounts {
  column: string;
  counts: Counted[];
  n_more: number;
}

export interface Figures {
  dataset: string;
  version: string;
  n_rows: number;
  n_answers: number;
  n_labelers: number;
  n_sessions: number;
  last_at: string;
  status: [string, number][];
  types: ColumnCounts | null;
  statuses: ColumnCounts | null;
  questions: QuestionFigures[];
  tiers: { counts: [string, number, number | null][]; histogram: Drawn | null; note: string };
  labelers: LabelerFigures[];
  sessions?: SessionFigures[];
  pace: { unit: string; points: [string, number][] };
  growth: [string, number, string, string][];
  difficulty: {
    divided: [string, number, number][];
    unsure: [string, number][];
    slow: [string, number][];
  };
  suspected: { n: number; rows: [string, string, string, number][] } | null;
  model?: ModelFigures;
  coverage: {
    target: string;
    n: number;
    n_rejected?: number;
    facets: string[];
    cells: Thin[];
    n_more?: number;
    square: {
      facet: string;
      values: string[];
      classes: string[];
      counts: number[][];
      expected: number[][];
    } | null;
    note: string;
  };
}

const DONE = new Set(["labeled", "validated"]);

export function nLabeled(figures: Figures): number {
  return figures.status.reduce((n, [name, count]) => n + (DONE.has(name) ? count : 0), 0);
}

/** Krippendorff's alpha of a question, where there is one. */
export function alphaOf(question: QuestionFigures): number | null {
  const line = question.agreement.find((each) => each.coefficient.startsWith("Krippendorff"));
  return line?.value ?? null;
}

export function lowestAlpha(figures: Figures): number | null {
  const known = figures.questions.map(alphaOf).filter((each) => each !== null);
  return known.length ? Math.min(...known) : null;
}

export function shown(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return "–";
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

export function percent(n: number, whole: number): string {
  return whole ? `${shown((100 * n) / whole, 1)} %` : "–";
}
