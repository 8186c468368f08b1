/** One column on both sides, laid over each other. */
import { useEffect } from "preact/hooks";
import { Note } from "../cards";
import type { Desk } from "./desk";
import { percent, type Overlay, type Verdict } from "./told";

/** So many levels are listed by name; what has more is drawn as steps. */
const MOST_LISTED = 12;

export function Columns(given: { desk: Desk; verdict: Verdict; at: number; onChoose: (at: number) => void }) {
  const { desk, verdict, at } = given;
  const overlay = desk.overlays.get(at);
  useEffect(() => void desk.column(at), [desk, at]);
  if (!verdict.columns.length) return <Note>The verdict holds its tables no longer: check them again.</Note>;
  const others = verdict.columns.map((_, place) => place).filter((place) => !verdict.worst.includes(place));
  const step = (by: number): void => {
    const order = [...verdict.worst, ...others];
    const next = order[(order.indexOf(at) + by + order.length) % order.length];
    if (next !== undefined) given.onChoose(next);
  };
  return (
    <>
      <div class="qfl-row">
        <label class="qfl-choice">
          Column
          <select value={String(at)} onChange={(event) => given.onChoose(Number(event.currentTarget.value))}>
            <Options label="differ most" places={verdict.worst} names={verdict.columns} />
            <Options label="others" places={others} names={verdict.columns} />
          </select>
        </label>
        <button type="button" onClick={() => step(-1)}>
          Previous
        </button>
        <button type="button" onClick={() => step(1)}>
          Next
        </button>
      </div>
      {overlay ? (
        <Picture overlay={overlay} names={[verdict.candidate.name, verdict.reference.name]} />
      ) : (
        <Note>{desk.phase === "lost" ? "The kernel is gone: run the cell again." : "Asking the kernel …"}</Note>
      )}
    </>
  );
}

function Options({ label, places, names }: { label: string; places: number[]; names: string[] }) {
  if (!places.length) return null;
  return (
    <optgroup label={label}>
      {places.map((place) => (
        <option key={place} value={String(place)}>
          {names[place]}
        </option>
      ))}
    </optgroup>
  );
}

export function Picture({ overlay, names }: { overlay: Overlay; names: [string, string] }) {
  const isListed = overlay.labels.length <= MOST_LISTED;
  return (
    <figure class="qfv-overlay" aria-label={`${overlay.column} on both sides`}>
      <figcaption>
        <b>
          <bdi>{overlay.column}</bdi>
        </b>
        <span>
          <i class="qfv-key-own" aria-hidden="true" /> <bdi>{names[0]}</bdi> <i class="qfv-key-real" aria-hidden="true" />{" "}
          <bdi>{names[1]}</bdi>
        </span>
      </figcaption>
      {isListed ? <Levels overlay={overlay} names={names} /> : <Steps overlay={overlay} names={names} />}
    </figure>
  );
}

function Levels({ overlay, names }: { overlay: Overlay; names: [string, string] }) {
  const most = Math.max(...overlay.candidate, ...overlay.reference, 1e-12);
  return (
    <table class="qfv-levels">
      <thead class="qfl-heard">
        <tr>
          <th scope="col">value</th>
          <td />
          <th scope="col">{names[0]}</th>
          <th scope="col">{names[1]}</th>
        </tr>
      </thead>
      <tbody>
        {overlay.labels.map((label, at) => (
          <tr key={at}>
            <th scope="row">
              <bdi>{label}</bdi>
            </th>
            <td class="qfv-wide" aria-hidden="true">
              <i class="qfv-own" style={{ width: `${(100 * (overlay.candidate[at] ?? 0)) / most}%` }} />
              <i class="qfv-real" style={{ width: `${(100 * (overlay.reference[at] ?? 0)) / most}%` }} />
            </td>
            <td>{percent(overlay.candidate[at] ?? 0)}</td>
            <td class="qfl-soft">{percent(overlay.reference[at] ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Steps({ overlay, names }: { overlay: Overlay; names: [string, string] }) {
  const most = Math.max(...overlay.candidate, ...overlay.reference, 1e-12);
  const n = overlay.labels.length;
  const steps = overlay.reference.map((share, at) => `V${(100 - (100 * share) / most).toFixed(2)}H${at + 1}`).join("");
  const apart = overlay.candidate.reduce((sum, share, at) => sum + Math.abs(share - (overlay.reference[at] ?? 0)), 0) / 2;
  return (
    <>
      <svg
        role="img"
        aria-label={`${names[0]} as columns, ${names[1]} as a line: ${percent(apart, 0)} of the values would have to move`}
        viewBox={`0 0 ${n} 100`}
        preserveAspectRatio="none"
      >
        {overlay.candidate.map((share, at) => (
          <rect key={at} class="qfv-own" x={at} width={1.01} y={100 - (100 * share) / most} height={(100 * share) / most} />
        ))}
        <path class="qfv-outline" d={`M0 100${steps}V100`} />
      </svg>
      <figcaption>
        <span>{overlay.labels[0]}</span>
        <span>at most {percent(most)} in a bin</span>
        <span>{overlay.labels[n - 1]}</span>
      </figcaption>
    </>
  );
}
