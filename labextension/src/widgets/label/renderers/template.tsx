/** A sentence with the item's cells in it; `**bold**` and `*slanted*` are the template's alone. */
import type { ComponentChildren } from "preact";
import { Cell } from "../parts";
import type { Rendered } from "./index";

const PART = /\*\*(.+?)\*\*|\*(.+?)\*|\{([^{}]+)\}/gsu;

export function Template({ show, item }: Rendered) {
  return <p class="qfl-template">{fill(show.template ?? "", item.fields)}</p>;
}

function fill(template: string, fields: Record<string, unknown>): ComponentChildren[] {
  const found: ComponentChildren[] = [];
  let at = 0;
  for (const match of template.matchAll(PART)) {
    const [whole, bold, slanted, column] = match;
    found.push(template.slice(at, match.index));
    if (bold !== undefined) found.push(<strong>{fill(bold, fields)}</strong>);
    else if (slanted !== undefined) found.push(<em>{fill(slanted, fields)}</em>);
    else found.push(<Cell value={fields[(column ?? "").trim()]} />);
    at = match.index + whole.length;
  }
  found.push(template.slice(at));
  return found;
}
