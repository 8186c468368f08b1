/** Eight bars with the band that chance gives; one is chosen, and its statistics are shown. */
import { useRef } from "preact/hooks";
import { Card, Note } from "../cards";
import { Sign } from "./parts";
import { brief, percent, shown, type Dimension, type Headline, type Statistic, type Verdict } from "./told";

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

export interface Chosen {
  dimension: string;
  column: number | null;
  choose(what: { dimension?: string; column?: number | null }): void;
}

export function Dimensions(given: { id: string; verdict: Verdict; chosen: Chosen; onColumn: (at: number) => void }) {
  const { id, verdict, chosen } = given;
  const list = useRef<HTMLDivElement>(null);
  const names = verdict.dimensions.map((each) => each.name);
  const press = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const at = names.indexOf(chosen.dimension);
    let next = step === undefined ? -1 : (at + step + names.length) % names.length;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = names.length - 1;
    const name = names[next];
    if (name === undefined) return;
    event.preventDefault();
    chosen.choose({ dimension: name });
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  const open = verdict.dimensions.find((each) => each.name === chosen.dimension);
  return (
    <div class="qfv-two">
      <div>
        <div class="qfv-bars" role="tablist" aria-orientation="vertical" aria-label="Dimensions" ref={list} onKeyDown={press}>
          {verdict.dimensions.map((each) => (
            <button
              key={each.name}
              type="button"
              role="tab"
              id={`${id}-d-${each.name}`}
              aria-selected={each === open}
              aria-controls={`${id}-d-panel`}
              aria-label={said(each)}
              tabIndex={each === open ? 0 : -1}
              onClick={() => chosen.choose({ dimension: each.name })}
            >
              <Sign tone={each.tone} />
              <span class="qfv-name">{each.name}</span>
              <Bar of={each} />
              <b>{each.score === null ? "–" : shown(each.score)}</b>
            </button>
          ))}
        </div>
        <Note>
          A fresh sample of the reference gets 100, the edge of tolerance 80. The line reaches down to what the data
          cannot rule out; 19 of 20 sound candidates' lines stay within the grey band.
        </Note>
      </div>
      <Copies verdict={verdict} />
      {open ? (
        <div role="tabpanel" id={`${id}-d-panel`} aria-labelledby={`${id}-d-${open.name}`} class="qfv-panel">
          <Shown dimension={open} statistics={verdict.statistics} onColumn={given.onColumn} />
        </div>
      ) : null}
    </div>
  );
}

function said(each: Dimension): string {
  if (each.score === null) return `${each.name}: not judged, ${each.declined}`;
  const band = each.by_chance === null ? "" : `, by chance down to ${shown(each.by_chance)}`;
  return `${each.name}: ${shown(each.score)} of 100, at least ${shown(each.low)}${band}`;
}

export function Bar({ of, before }: { of: Dimension; before?: Dimension }) {
  const { score, low, by_chance: chance } = of;
  return (
    <svg class="qfv-bar" aria-hidden="true" viewBox="0 0 100 16" preserveAspectRatio="none">
      <rect class="qfv-track" x="0" y="4" width="100" height="8" />
      {chance === null ? null : <rect class="qfv-chance" x={chance} y="0" width={100 - chance} height="16" />}
      {score === null ? null : <rect class={`qfv-fill-${of.tone}`} x="0" y="4" width={score} height="8" />}
      {score === null || low === null ? null : <path class="qfv-line" d={`M${low} 4V12M${low} 8H${score}M${score} 4V12`} />}
      {before && before.score !== null ? <path class="qfv-was" d={`M${before.score} 0V16`} /> : null}
    </svg>
  );
}

function Shown(given: { dimension: Dimension; statistics: Statistic[]; onColumn: (at: number) => void }) {
  const { dimension } = given;
  const own = given.statistics.filter((each) => each.dimension === dimension.name);
  return (
    <Card title={dimension.name}>
      <p>{dimension.question}</p>
      {dimension.score === null ? <p>Not judged: {dimension.declined}.</p> : null}
      {own.length ? (
        <div class="qfv-scroll" tabIndex={0} role="region" aria-label={`Statistics of ${dimension.name}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">statistic</th>
                <th scope="col" class="qfv-word">
                  where
                </th>
                <th scope="col">value</th>
                <th scope="col">by chance</th>
                <th scope="col">at least</th>
                <th scope="col">tolerated</th>
                <th scope="col">p</th>
              </tr>
            </thead>
            <tbody>
              {own.map((each, place) => (
                <tr key={place} class={each.excess >= 1 ? "qfv-beyond" : undefined}>
                  <th scope="row">
                    {each.name}
                    {each.excess >= 1 ? <span class="qfl-heard"> (beyond tolerance)</span> : null}
                  </th>
                  <td class="qfv-word">
                    <Where statistic={each} onColumn={given.onColumn} />
                  </td>
                  <td>{brief(each.value)}</td>
                  <td>
                    {brief(each.expected)} ± {brief(each.spread)}
                  </td>
                  <td>{brief(each.low)}</td>
                  <td>{brief(each.tolerance)}</td>
                  <td>{brief(each.p_value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </Card>
  );
}

function Where({ statistic, onColumn }: { statistic: Statistic; onColumn: (at: number) => void }) {
  if (!statistic.at) return <>–</>;
  if (!statistic.columns.length) return <bdi>{statistic.at}</bdi>;
  return (
    <button type="button" class="qfv-link" onClick={() => onColumn(statistic.columns[0]!)} title="Show both distributions">
      <bdi>{statistic.at}</bdi>
    </button>
  );
}

function Copies({ verdict }: { verdict: Verdict }) {
  const { copying } = verdict;
  return (
    <Card title="Copies">
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">share of rows</th>
            <th scope="col">natural</th>
          </tr>
        </thead>
        <tbody>
          {copying.lines.map(([name, share, natural, isTooMany]) => (
            <tr key={name} class={isTooMany && copying.is_identifiable ? "qfv-beyond" : undefined}>
              <th scope="row">{name}</th>
              <td>{percent(share)}</td>
              <td>{percent(natural)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Note>
        {copying.is_identifiable
          ? "Copies never raise the score; it says nothing about privacy either."
          : "So many rows of the reference are alike by nature that copies cannot be told."}
      </Note>
    </Card>
  );
}

/** The eight bars of a check after a fix, each with a mark where it stood before. */
export function Compared({ after, before }: { after: Headline; before: Headline }) {
  return (
    <table class="qfv-compared" aria-label="Dimensions before and after">
      <thead>
        <tr>
          <th scope="col">dimension</th>
          <th scope="col">before</th>
          <td />
          <th scope="col">after</th>
        </tr>
      </thead>
      <tbody>
        {after.dimensions.map((each, place) => {
          const was = before.dimensions[place];
          return (
            <tr key={each.name}>
              <th scope="row">{each.name}</th>
              <td>{shown(was?.score)}</td>
              <td class="qfv-wide">
                <Bar of={each} before={was} />
              </td>
              <td>
                <b>{shown(each.score)}</b>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
