/** What a renderer of drawn columns gets for each of them, and the renderer made of it. */
import type { ComponentType } from "preact";
import type { Question } from "../protocol";
import type { Session } from "../session";
import type { Rendered } from "./index";

export interface Drawn {
  session: Session;
  name: string;
  value: unknown;
  marking: Question[];
}

/** Give the renderer that draws each column with a component. */
export function eachDrawn(Column: ComponentType<Drawn>): ComponentType<Rendered> {
  return ({ session, show, item, marking }) => (
    <>
      {show.columns.map((name) => (
        <Column
          key={name}
          session={session}
          name={name}
          value={item.fields[name]}
          marking={marking(name)}
        />
      ))}
    </>
  );
}
