/** The cells of an item, one beneath the other with their names. */
import { Cell } from "../parts";
import type { Rendered } from "./index";

export function Record({ show, item, marking }: Rendered) {
  const columns = show.columns.filter((name) => !marking(name).length || name in item.fields);
  return (
    <dl class="qfl-record">
      {columns.map((name) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <Cell value={item.fields[name]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
