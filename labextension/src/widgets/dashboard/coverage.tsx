/** What rows a dataset lacks. */
import { Card, Note } from "../cards";
import { Heat } from "./drawing";
import { shown, type Figures } from "./figures";

export function Collect({ figures, most }: { figures: Figures; most: number }) {
  const { cells, note, n_more = 0, n_rejected = 0 } = figures.coverage;
  const nMore = cells.length + n_more - Math.min(most, cells.length);
  return (
    <Card title="Collect these next">
      {cells.length ? (
        <ol class="qfd-collect">
          {cells.slice(0, most).map((cell) => (
            <li key={cell.rule}>
              <code>
                <bdi>{cell.rule}</bdi>
              </code>
              <span>
                {shown(cell.n)} {cell.n === 1 ? "row" : "rows"}, {shown(cell.expected, 1)} expected: <b>collect {shown(cell.collect)}</b>
                {cell.tiers ? <span class="qfl-soft"> ({cell.tiers})</span> : null}
              </span>
            </li>
          ))}
        </ol>
      ) : (
        <Note>{note || "No class is thin in any column that sorts the rows."}</Note>
      )}
      {n_rejected ? <Note>Rejected by their score, so they cover nothing: {shown(n_rejected)} {n_rejected === 1 ? "row" : "rows"}.</Note> : null}
      {cells.length && note ? <Note>{note}</Note> : null}
      {cells.length && nMore > 0 ? <Note>… and {shown(nMore)} more</Note> : null}
    </Card>
  );
}

export function Coverage({ figures }: { figures: Figures }) {
  const { square, target } = figures.coverage;
  return (
    <>
      <Collect figures={figures} most={20} />
      {square ? (
        <Card title={`${target} by ${square.facet}`}>
          <Heat
            square={{
              rows: square.classes,
              columns: square.values,
              cells: square.counts.map((row) => row.map((n) => shown(n))),
              tints: square.counts.map((row, at) => row.map((n, place) => lack(n, square.expected[at]?.[place] ?? 0))),
              label: `Rows by ${target} and ${square.facet}`,
            }}
          />
          <Note>Warm: fewer than expected if the class did not hang on {square.facet}.</Note>
        </Card>
      ) : null}
    </>
  );
}

function lack(n: number, expected: number): number {
  const most = Math.max(n, expected);
  return most > 0 ? (n - expected) / most : 0;
}
