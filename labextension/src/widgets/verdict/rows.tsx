/** Rows and regions that carry the damage: looked for on request, shown a page at a time. */
import { useEffect, useState } from "preact/hooks";
import { Card, Note } from "../cards";
import type { Desk } from "./desk";
import { Ask, Code } from "./parts";
import { shown, type Localization, type Place, type Region, type RowPage } from "./told";

export function Rows({ desk }: { desk: Desk }) {
  const found = desk.localization;
  return (
    <>
      {found ? null : (
        <p>Which rows, columns and regions carry the damage? Every row is judged by several channels; this takes a while.</p>
      )}
      <Ask desk={desk} work="localize" name="Find rows to look at" again="Look again" isDone={found !== null} />
      {found ? <Found key={found.name} desk={desk} found={found} /> : null}
    </>
  );
}

function Found({ desk, found }: { desk: Desk; found: Localization }) {
  const [place, setPlace] = useState<Place>({ which: "suspects", at: 0 });
  const shownNow = (which: Place["which"], at = 0): boolean => place.which === which && place.at === at;
  return (
    <>
      <p>
        {found.n_unlike
          ? `At least ${shown(found.n_unlike)} of ${shown(found.n_rows)} rows would have to be others for the candidate to be like the reference.`
          : "No row stands out beyond what the reference's own rows do: the list is a ranking of chance."}{" "}
        <span class="qfl-soft">
          Kept as <code>{found.name}</code>.
        </span>
      </p>
      <div class="qfl-row" role="group" aria-label="Which rows">
        <button type="button" aria-pressed={shownNow("suspects")} onClick={() => setPlace({ which: "suspects", at: 0 })}>
          {shown(found.n_suspect)} suspect rows
        </button>
        {found.n_missing ? (
          <button type="button" aria-pressed={shownNow("missing")} onClick={() => setPlace({ which: "missing", at: 0 })}>
            {shown(found.n_missing)} real rows it lacks
          </button>
        ) : null}
      </div>
      <Regions title="Too many rows" which="region" regions={found.regions} place={place} onChoose={setPlace} />
      <Regions title="Too few rows" which="missing region" regions={found.missing_regions} place={place} onChoose={setPlace} />
      <Paged key={`${place.which}${place.at}`} desk={desk} place={place} />
      {found.channels.length ? (
        <Note>Reasons: {found.channels.map(([said, n]) => `${said} (${shown(n)})`).join(", ")}.</Note>
      ) : null}
    </>
  );
}

function Regions(given: {
  title: string;
  which: "region" | "missing region";
  regions: Region[];
  place: Place;
  onChoose: (place: Place) => void;
}) {
  if (!given.regions.length) return null;
  return (
    <Card title={given.title}>
      <ul class="qfv-regions">
        {given.regions.map((each, at) => (
          <li key={at}>
            <button
              type="button"
              aria-pressed={given.place.which === given.which && given.place.at === at}
              onClick={() => given.onChoose({ which: given.which, at })}
            >
              <code>
                <bdi>{each.rule}</bdi>
              </code>
            </button>
            <span>
              {shown(each.n)} of {shown(each.expected, 1)} expected rows
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const TITLES: Record<Place["which"], string> = {
  suspects: "Suspect rows, the most suspect first",
  missing: "Real rows that the candidate covers least",
  region: "Rows of the candidate there",
  "missing region": "Real rows there",
};

function Paged({ desk, place }: { desk: Desk; place: Place }) {
  const [start, setStart] = useState(0);
  const [page, setPage] = useState<(RowPage & { start: number }) | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void desk.rows(place, start).then((found) => {
      if (isCurrent && found) setPage({ ...found, start });
    });
    return () => {
      isCurrent = false;
    };
  }, [desk, start, place.which, place.at]);
  if (!page) return <Note>{desk.phase === "lost" ? "The kernel is gone: run the cell again." : "Asking the kernel …"}</Note>;
  const last = Math.min(page.start + page.page_rows, page.total);
  const hasScores = page.rows.some((each) => each.score !== null);
  return (
    <Card title={TITLES[place.which]}>
      <div class="qfv-scroll" tabIndex={0} role="region" aria-label={TITLES[place.which]}>
        <table class="qfv-rows">
          <thead>
            <tr>
              <th scope="col">row</th>
              {hasScores ? <th scope="col">score</th> : null}
              {hasScores ? (
                <th scope="col" class="qfv-word">
                  reason
                </th>
              ) : null}
              {page.head.map((name, at) => (
                <th key={at} scope="col">
                  <bdi>{name}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.rows.map((line) => (
              <tr key={line.row}>
                <th scope="row">{shown(line.row)}</th>
                {hasScores ? <td>{shown(line.score, 1)}</td> : null}
                {hasScores ? <td class="qfv-word">{line.reason}</td> : null}
                {line.cells.map((cell, at) => (
                  <td key={at} class={line.blamed.includes(at) ? "qfv-blamed" : undefined}>
                    <bdi>{cell}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="qfl-row">
        <button type="button" disabled={start === 0} onClick={() => setStart(Math.max(0, start - page.page_rows))}>
          Previous rows
        </button>
        <button type="button" disabled={start + page.page_rows >= page.total} onClick={() => setStart(start + page.page_rows)}>
          Next rows
        </button>
        <span class="qfl-soft" role="status">
          {page.total ? `${shown(page.start + 1)}–${shown(last)} of ${shown(page.total)}` : "no rows"}
          {page.n_hidden > 0 ? `, ${shown(page.n_hidden)} more columns` : ""}
        </span>
      </div>
      {page.code.map((each) => (
        <Code key={each.code} said={each.said} code={each.code} />
      ))}
    </Card>
  );
}
