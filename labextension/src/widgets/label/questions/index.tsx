/** One kind of question a file; the name of the kind is that of the body's key. */
import type { ComponentType } from "preact";
import type { Kind, Question, Value } from "../protocol";
import type { Session } from "../session";
import { Choose } from "./choose";
import { Marks } from "./marks";
import { NumberBox } from "./number";
import { Rate } from "./rate";
import { Several } from "./several";
import { Spans } from "./spans";
import { TextBox } from "./text";

export interface Asked {
  session: Session;
  question: Question;
  value: Value;
  isActive: boolean;
  /** Put the keyboard back to where keys are commands. */
  onLeave: () => void;
}

export const QUESTIONS: { [kind in Kind]: ComponentType<Asked> } = {
  choose: Choose,
  several: Several,
  rate: Rate,
  number: NumberBox,
  text: TextBox,
  spans: Spans,
  boxes: Marks,
  circles: Marks,
  polygons: Marks,
  brush: Marks,
};
