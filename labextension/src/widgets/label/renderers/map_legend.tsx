/** What stands below a map: what its colours mean, what was chosen, what is not drawn. */
import type { MapWork } from "../map_work";
import { isOfAnswers, type Chosen as Choice, type Points } from "../points";
import { count, type Session } from "../session";
import { paintOf } from "./map_drawing";

export function Hues({ map }: { map: MapWork }) {
  const { points } = map;
  const hue = points.hues[points.hue];
  if (!hue) return null;
  return (
    <div class="qfl-row qfl-legend">
      {points.hues.length > 1 ? (
        <span class="qfl-row" role="group" aria-label="Colours">
          {points.hues.map((each, at) => (
            <button
              type="button"
              key={at}
              aria-pressed={at === points.hue}
              onClick={() => map.show(at)}
            >
              <bdi>{each.name}</bdi>
            </button>
          ))}
        </span>
      ) : (
        <bdi>{hue.name}</bdi>
      )}
      {hue.labels.map((label, code) => (
        <span key={label}>
          <i class="qfl-dot" style={{ background: paintOf(hue, code) }} /> <bdi>{label}</bdi>
        </span>
      ))}
      <span>
        <i class="qfl-dot" style={{ background: paintOf(hue, 255) }} />{" "}
        {isOfAnswers(hue) ? "not answered" : "no value"}
      </span>
    </div>
  );
}

export function Chosen({ session, chosen }: { session: Session; chosen: Choice }) {
  const { map } = session;
  const nAlike = chosen.keys?.size ?? 0;
  return (
    <>
      <span>
        {count(chosen.n, "item")} chosen, {chosen.nLeft} left
        {map.isAlike ? `: what you answer next goes to all ${nAlike}` : ""}
      </span>
      {nAlike > 1 ? (
        <button type="button" aria-pressed={map.isAlike} onClick={() => map.alike(!map.isAlike)}>
          Same answers for all {nAlike}
        </button>
      ) : null}
      <AllAgain session={session} />
    </>
  );
}

export function AllAgain({ session }: { session: Session }) {
  return (
    <button type="button" onClick={() => session.choose(null)}>
      All items again
    </button>
  );
}

export function Told({ points }: { points: Points }) {
  const { isTold, nItems, nPlaced, keys } = points;
  if (!isTold) return null;
  const nDrawn = keys.length;
  return (
    <>
      {nDrawn < nPlaced ? (
        <p class="qfl-hint">
          {nDrawn.toLocaleString("en")} of {nPlaced.toLocaleString("en")} items are drawn, chosen at random; a region
          takes in all that lie within it.
        </p>
      ) : null}
      {nPlaced < nItems ? (
        <p class="qfl-hint">
          {count(nItems - nPlaced, "item")} without a place on the map {nItems - nPlaced === 1 ? "is" : "are"} not drawn.
        </p>
      ) : null}
    </>
  );
}
