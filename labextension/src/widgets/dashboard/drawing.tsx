/** Bars, columns, lines and squares: shapes only, each number stands beside them as text. */
import { Note } from "../cards";
import { percent, shown, type Counted, type Drawn } from "./figures";

/** Counts under each other; the longest bar fills the width. */
export function Bars(given: { counts: Counted[]; whole?: number; nMore?: number; label: string }) {
  const { counts, nMore = 0 } = given;
  const most = Math.max(1, ...counts.map(([, n]) => n));
  const whole = given.whole ?? counts.reduce((sum, [, n]) => sum + n, 0);
  return (
    <>
      <table class="qfd-bars" aria-label={given.label}>
        <tbody>
          {counts.map(([name, n]) => (
            <tr key={String(name)}>
              <th scope="row">
                <bdi>{name ?? "(empty)"}</bdi>
              </th>
              <td class="qfd-track" aria-hidden="true">
                <i style={{ width: `${(100 * n) / most}%` }} />
              </td>
              <td>{shown(n)}</td>
              <td class="qfl-soft">{percent(n, whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {nMore ? <Note>… and {shown(nMore)} more</Note> : null}
    </>
  );
}

/** Values between 0 and 1. */
export function Scale(given: { lines: { name: string; value: number | null; note: string }[]; label: string }) {
  return (
    <table class="qfd-bars" aria-label={given.label}>
      <tbody>
        {given.lines.map((line) => (
          <tr key={line.name}>
            <th scope="row">
              <bdi>{line.name}</bdi>
            </th>
            <td class="qfd-track" aria-hidden="true">
              <i style={{ width: `${100 * Math.min(1, Math.max(0, line.value ?? 0))}%` }} />
            </td>
            <td>{line.value === null ? "–" : line.value.toFixed(2)}</td>
            <td class="qfl-soft">
              <bdi>{line.note}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Pieces of one whole, with a legend. */
export function Stack({ parts, label }: { parts: [string, number][]; label: string }) {
  const known = parts.filter(([, n]) => n > 0);
  const whole = known.reduce((sum, [, n]) => sum + n, 0);
  return (
    <>
      <div class="qfd-stack" aria-hidden="true">
        {known.map(([name, n]) => (
          <i key={name} class={`qfd-is-${classOf(name)}`} style={{ flexGrow: n }} />
        ))}
      </div>
      <ul class="qfd-legend" aria-label={label}>
        {known.map(([name, n]) => (
          <li key={name}>
            <i class={`qfd-is-${classOf(name)}`} aria-hidden="true" />
            <bdi>{name}</bdi> <b>{shown(n)}</b> <span class="qfl-soft">{percent(n, whole)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const KNOWN = new Set([
  ...["pending", "labeled", "validated", "rejected", "skipped"],
  ...["gold", "silver", "bronze", "unscored"],
]);

function classOf(name: string): string {
  if (name === "can't tell") return "unsure";
  return KNOWN.has(name) ? name : "other";
}

/** Counts in equal bins. */
export function Columns({ drawn, label }: { drawn: Drawn; label: string }) {
  const most = Math.max(1, ...drawn.counts);
  const n = drawn.counts.length;
  const total = drawn.counts.reduce((sum, each) => sum + each, 0);
  return (
    <figure class="qfd-columns">
      <svg
        role="img"
        aria-label={`${label}: ${shown(total)} values between ${drawn.low} and ${drawn.high}`}
        viewBox={`0 0 ${n} 100`}
        preserveAspectRatio="none"
      >
        {drawn.counts.map((count, at) => (
          <rect key={at} x={at + 0.06} width={0.88} y={100 - (100 * count) / most} height={(100 * count) / most} />
        ))}
      </svg>
      <figcaption>
        <span>{shown(drawn.low, 3)}</span>
        {drawn.mean === undefined ? null : <span>mean {shown(drawn.mean, 3)}</span>}
        <span>{shown(drawn.high, 3)}</span>
      </figcaption>
    </figure>
  );
}

/** A count from point to point, from zero up. */
export function Trend({ points, label }: { points: [string, number][]; label: string }) {
  if (points.length < 2) return null;
  const most = Math.max(1, ...points.map(([, n]) => n));
  const place = ([, n]: [string, number], at: number): string =>
    `${((100 * at) / (points.length - 1)).toFixed(2)} ${(100 - (100 * n) / most).toFixed(2)}`;
  const path = points.map(place);
  const [first] = points[0]!;
  const [last, n] = points[points.length - 1]!;
  return (
    <figure class="qfd-trend">
      <figcaption>
        <span>↑ {shown(most)}</span>
        <span>last {shown(n)}</span>
      </figcaption>
      <svg role="img" aria-label={`${label}: ${points.length} points, at most ${shown(most)}`} viewBox="0 0 100 100" preserveAspectRatio="none">
        <path class="qfd-area" d={`M0 100L${path.join("L")}L100 100Z`} />
        <path class="qfd-line" d={`M${path.join("L")}`} />
      </svg>
      <figcaption>
        <span>{first}</span>
        <span>{last}</span>
      </figcaption>
    </figure>
  );
}

export interface Square {
  rows: string[];
  columns: string[];
  cells: string[][];
  /** Between -1 and 1: how strong, and which of two colours. */
  tints: (number | null)[][];
  label: string;
}

const MOST_ACROSS = 14;

export function Heat({ square }: { square: Square }) {
  const columns = square.columns.slice(0, MOST_ACROSS);
  const rows = square.rows.slice(0, MOST_ACROSS);
  const isCut = columns.length < square.columns.length || rows.length < square.rows.length;
  return (
    <div class="qfd-scroll" tabIndex={0} role="region" aria-label={square.label}>
      <table class="qfd-heat">
        <thead>
          <tr>
            <td />
            {columns.map((name, at) => (
              <th key={at} scope="col">
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((name, row) => (
            <tr key={row}>
              <th scope="row">
                <bdi>{name}</bdi>
              </th>
              {columns.map((_, at) => {
                const tint = square.tints[row]?.[at] ?? 0;
                return (
                  <td
                    key={at}
                    class={tint < 0 ? "qfd-below" : "qfd-above"}
                    style={{ "--qfd-share": `${Math.round(55 * Math.min(1, Math.abs(tint)))}%` }}
                  >
                    {square.cells[row]?.[at] ?? "–"}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {isCut ? <Note>Only the first are drawn.</Note> : null}
    </div>
  );
}

/** A table of plain cells; numbers stand on the right. */
export function Table(given: { head: string[]; rows: (string | number | null)[][]; label: string }) {
  if (!given.rows.length) return null;
  return (
    <div class="qfd-scroll" tabIndex={0} role="region" aria-label={given.label}>
      <table class="qfd-table">
        <thead>
          <tr>
            {given.head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {given.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) =>
                place ? (
                  <td key={place} class={typeof cell === "string" ? "qfd-word" : undefined}>
                    <bdi>{typeof cell === "number" ? shown(cell, 3) : (cell ?? "–")}</bdi>
                  </td>
                ) : (
                  <th key={place} scope="row">
                    <bdi>{cell}</bdi>
                  </th>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
