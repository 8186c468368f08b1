/** One renderer a file; the name of the renderer is that of the body's `show`. */
import type { ComponentType } from "preact";
import type { Item, Question, Show } from "../protocol";
import type { Session } from "../session";
import { Fits } from "./fits";
import { Image } from "./image";
import { EmbeddingMap } from "./map";
import { Molecule } from "./molecule";
import { Record } from "./record";
import { Template } from "./template";
import { Text } from "./text";

export interface Rendered {
  session: Session;
  show: Show;
  item: Item;
  /** The marking questions of each column. */
  marking: (column: string) => Question[];
}

export const RENDERERS: { [name: string]: ComponentType<Rendered> } = {
  template: Template,
  record: Record,
  text: Text,
  image: Image,
  fits: Fits,
  molecule: Molecule,
  map: EmbeddingMap,
};
