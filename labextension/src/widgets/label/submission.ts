/** What is sent of an item, and what is said where it was not taken. */
import { newId, Refused } from "../rpc";
import type { Draft } from "./drafts";
import type { Entry } from "./ledger";
import { answersWith, isAnswered, type Answers, type Question } from "./protocol";

/** Give the answers to what is asked; an empty list is one where somebody took all marks away. */
export function answersOf(questions: Question[], draft: Draft): Answers {
  const answers = answersWith();
  for (const { name } of questions) {
    const value = draft.answers[name];
    if (isAnswered(value) || Array.isArray(value)) answers[name] = value;
  }
  return answers;
}

export function submissionOf(item: { key: string }, draft: Draft, answers: Answers): Entry["body"] {
  return {
    submission: newId(),
    key: item.key,
    answers,
    ...(draft.confidence === null ? {} : { confidence: draft.confidence }),
    ...(draft.note ? { note: draft.note } : {}),
    shown_at: draft.shownAt,
    answered_at: new Date().toISOString(),
    latency_ms: Math.max(0, Math.round(performance.now() - draft.startedAt)),
  };
}

export function sentence(problem: unknown): string {
  if (problem instanceof Refused) return problem.message;
  return "The kernel did not answer in time: it is busy or gone, so try again";
}

/** Say what is missing before an item can be saved. */
export function lackOf(lacking: Question | undefined): string {
  if (!lacking) return "Nothing is answered: answer a question, or skip the item";
  return `“${lacking.name}” is not answered: answer it, or say that you can’t tell`;
}

export const named = (position: number, said: string): string => (position < 0 ? said : `Item ${position + 1}: ${said}`);
