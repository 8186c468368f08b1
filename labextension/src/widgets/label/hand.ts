/** What somebody draws with: the label for the next mark, the brush, the mark that is picked. */
import type { Question } from "./protocol";

export interface Brush {
  /** In pixels of the picture. */
  radius: number;
  isErasing: boolean;
}

export class Hand {
  brush: Brush = { radius: 4, isErasing: false };
  picked: { name: string; at: number } | null = null;
  /** Marks that were begun and not kept yet, by question: what keeps each. */
  readonly unfinished = new Map<string, () => void>();
  private readonly labels = new Map<string, string>();

  constructor(private readonly changed: () => void) {}

  labelOf(question: Question): string {
    return this.labels.get(question.name) ?? question.answers[0]?.answer ?? "";
  }

  labelWith(question: Question, label: string): void {
    this.labels.set(question.name, label);
    this.changed();
  }

  brushWith(change: Partial<Brush>): void {
    this.brush = { ...this.brush, ...change };
    this.changed();
  }

  pick(picked: { name: string; at: number } | null): void {
    this.picked = picked;
    this.changed();
  }
}
