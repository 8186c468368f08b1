/** Long texts, with their lines as they stand; where spans are marked, they are marked here. */
import { Cell } from "../parts";
import { MarkedText } from "../questions/spans";
import type { Rendered } from "./index";

export function Text({ session, show, item, marking }: Rendered) {
  return (
    <>
      {show.columns.map((name) => {
        const [question] = marking(name);
        const value = item.fields[name];
        return question && typeof value === "string" ? (
          <MarkedText key={name} session={session} question={question} text={value} />
        ) : (
          <div key={name} class="qfl-text">
            <Cell value={value} />
          </div>
        );
      })}
    </>
  );
}
