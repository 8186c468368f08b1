/** What each tab shows. */
import { Card, Note } from "../cards";
import { Choice } from "../tabs";
import { Bars, Columns, Heat, Scale, Stack, Table, Trend } from "./drawing";
import { lowestAlpha, nLabeled, percent, shown, type Figures, type QuestionFigures, type SessionFigures } from "./figures";
import { Collect, Coverage } from "./coverage";
import { Model } from "./model";

export interface Chosen {
  question: string;
  labeler: string;
  choose(what: Partial<Pick<Chosen, "question" | "labeler">>): void;
}

export interface Given {
  figures: Figures;
  chosen: Chosen;
}

const ALL = "all labelers";
/** Sessions that are shown. */
const SHOWN = 20;

function questionOf({ figures, chosen }: Given): QuestionFigures | undefined {
  return figures.questions.find((each) => each.name === chosen.question) ?? figures.questions[0];
}

function WhichQuestion(given: Given) {
  const names = given.figures.questions.map((each) => each.name);
  const chosen = questionOf(given)?.name ?? "";
  return <Choice label="Question" names={names} chosen={chosen} onChoose={(question) => given.chosen.choose({ question })} />;
}

function Tile({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div class="qfd-tile">
      <dt>{name}</dt>
      <dd>
        <b>{value}</b> {note ? <span class="qfl-soft">{note}</span> : null}
      </dd>
    </div>
  );
}

/** What is done comes first, what is left last. */
function worked(status: [string, number][]): [string, number][] {
  return [...status].sort((one, other) => Number(one[0] === "pending") - Number(other[0] === "pending"));
}

export function Overview(given: Given) {
  const { figures } = given;
  const labeled = nLabeled(figures);
  const alpha = lowestAlpha(figures);
  const { points, unit } = figures.pace;
  return (
    <>
      <dl class="qfd-tiles">
        <Tile name="Rows labeled" value={shown(labeled)} note={`${percent(labeled, figures.n_rows)} of ${shown(figures.n_rows)}`} />
        <Tile name="Answers" value={shown(figures.n_answers)} />
        <Tile name="Labelers" value={shown(figures.n_labelers)} />
        <Tile name="Lowest α" value={alpha === null ? "–" : alpha.toFixed(2)} />
      </dl>
      <Card title="Status">
        <Stack parts={worked(figures.status)} label="Rows by status" />
      </Card>
      <Collect figures={figures} most={5} />
      {points.length > 1 ? (
        <Card title={`Labels by ${unit}`}>
          <Trend points={points} label={`Labels by ${unit}`} />
        </Card>
      ) : null}
    </>
  );
}

export function Classes(given: Given) {
  const { figures } = given;
  const question = questionOf(given);
  const { tiers } = figures;
  return (
    <>
      <WhichQuestion {...given} />
      {question ? (
        <Card title={question.name}>
          {question.how.length ? <p class="qfd-how">{question.how.map(([name, n]) => `${name} ${shown(n)}`).join(" · ")}</p> : null}
          {question.balance.length ? (
            <Bars counts={question.balance} whole={question.kind === "choose" ? undefined : question.n_valued} nMore={question.n_more} label={`Items by ${question.name}`} />
          ) : null}
          {question.histogram ? <Columns drawn={question.histogram} label={question.name} /> : null}
          {question.balance.length || question.histogram ? null : <Note>{shown(question.n_answers)} answers</Note>}
        </Card>
      ) : (
        <Note>Nobody was asked anything yet.</Note>
      )}
      <Card title="Tiers">
        {tiers.counts.length ? <Stack parts={tiers.counts.map(([name, n]) => [name, n])} label="Rows by tier" /> : null}
        {tiers.histogram ? <Columns drawn={tiers.histogram} label="Scores" /> : null}
        {tiers.note ? <Note>{tiers.note}</Note> : null}
      </Card>
      {[figures.types, figures.statuses].map((each) =>
        each ? (
          <Card key={each.column} title={each.column}>
            <Bars counts={each.counts} nMore={each.n_more} label={`Rows by ${each.column}`} />
          </Card>
        ) : null,
      )}
    </>
  );
}

export function Agreement(given: Given) {
  const question = questionOf(given);
  if (!question) return <Note>Nobody was asked anything yet.</Note>;
  const lines = question.agreement.map((each) => ({
    name: each.coefficient,
    value: each.value,
    note: each.reason || `${shown(each.n)} items`,
  }));
  const { pairs } = question;
  return (
    <>
      <WhichQuestion {...given} />
      {lines.length ? (
        <Card title={`Agreement on ${question.name}`}>
          <Scale lines={lines} label={`Agreement on ${question.name}`} />
          <Note>Conclusions can be drawn from α ≥ 0.8, tentative ones from 0.667.</Note>
        </Card>
      ) : (
        <Note>{question.note || "Nothing to compare yet."}</Note>
      )}
      {pairs ? (
        <Card title="Cohen's κ of each two">
          <Heat
            square={{
              rows: pairs.labelers,
              columns: pairs.labelers,
              cells: pairs.kappa.map((row) => row.map((each) => (each === null ? "–" : each.toFixed(2)))),
              tints: pairs.kappa,
              label: "Cohen's kappa of each two labelers",
            }}
          />
        </Card>
      ) : null}
      <Card title="Most divided items">
        <Table head={["item", "answers", "bits"]} rows={given.figures.difficulty.divided} label="Most divided items" />
        {given.figures.difficulty.divided.length ? null : <Note>None.</Note>}
      </Card>
    </>
  );
}

const share = (n: number, right: number): string => (n ? `${shown(right)} of ${shown(n)}, ${percent(right, n)}` : "–");

/** The latest sessions, the last first; of one labeler also how good each was. */
function Sessions({ sessions, of }: { sessions: SessionFigures[]; of: string }) {
  const own = sessions.filter((each) => of === ALL || each.labeler === of);
  const good = own.flatMap((each): [string, number][] =>
    each.quality === null ? [] : [[`session ${each.nth}`, Math.round(100 * each.quality)]],
  );
  return own.length ? (
    <Card title="Sessions">
      {of === ALL ? null : <Trend points={good} label="Quality by session, in percent" />}
      <Table
        label="Sessions of labelers"
        head={["labeler", "session", "begun (UTC)", "kind", "labels", "labels an hour", "median s", "known right", "like others", "change"]}
        rows={own.slice(-SHOWN).reverse().map((each) => [
          ...[each.labeler, each.nth, each.started_at.slice(0, 16).replace("T", " "), each.kind],
          ...[each.n_labels, each.per_hour, each.median_s],
          ...[share(...each.gold), share(each.n_compared ?? 0, each.n_alike ?? 0), each.change],
        ])}
      />
      <Note>
        A break of more than an hour ends a session. Change: of the share of known answers given right, else of the
        likeness to others, since the session before.
      </Note>
    </Card>
  ) : null;
}

export function Labelers(given: Given) {
  const { labelers, difficulty } = given.figures;
  const names = [ALL, ...labelers.map((each) => each.labeler)];
  const chosen = names.includes(given.chosen.labeler) ? given.chosen.labeler : ALL;
  const one = labelers.find((each) => each.labeler === chosen);
  if (!labelers.length) return <Note>Nobody has labeled yet.</Note>;
  return (
    <>
      <Choice label="Labeler" names={names} chosen={chosen} onChoose={(labeler) => given.chosen.choose({ labeler })} />
      {one ? (
        <dl class="qfd-tiles">
          <Tile name="Labels" value={shown(one.n_labels)} note={`${shown(one.n_items)} items`} />
          <Tile name="Labels an hour" value={shown(one.per_hour, 1)} />
          <Tile name="Median seconds" value={shown(one.median_s, 1)} />
          <Tile name="Known answers right" value={percent(one.gold[1], one.gold[0])} note={one.gold[0] ? `of ${shown(one.gold[0])}` : ""} />
          <Tile name="Like most others" value={percent(one.n_alike ?? 0, one.n_compared ?? 0)} note={one.n_compared ? `of ${shown(one.n_compared)}` : ""} />
          <Tile name="Trend" value={one.trend === null ? "–" : `${one.trend > 0 ? "+" : ""}${one.trend.toFixed(2)}`} />
          <Tile name="Can't tell" value={shown(one.n_cant_tell)} />
          <Tile name="Skipped" value={shown(one.n_skipped)} />
          <Tile name="Taken back" value={shown(one.n_undone ?? 0)} />
        </dl>
      ) : (
        <Table
          label="Labelers"
          head={["labeler", "labels", "labels an hour", "median s", "can't tell", "skipped", "known right", "like others", "trend"]}
          rows={labelers.map((each) => [
            ...[each.labeler, each.n_labels, each.per_hour, each.median_s, each.n_cant_tell, each.n_skipped],
            ...[share(...each.gold), share(each.n_compared ?? 0, each.n_alike ?? 0), each.trend],
          ])}
        />
      )}
      <Note>
        Pauses of more than ten minutes are no work. Trend: likeness to others in the later half of the answers, less
        that in the earlier.
      </Note>
      <Sessions sessions={given.figures.sessions ?? []} of={chosen} />
      {difficulty.unsure.length ? (
        <Card title="Least sure">
          <Table head={["item", "confidence"]} rows={difficulty.unsure} label="Items of which labelers are least sure" />
        </Card>
      ) : null}
      {difficulty.slow.length ? (
        <Card title="Thought about longest">
          <Table head={["item", "median seconds"]} rows={difficulty.slow} label="Items thought about longest" />
        </Card>
      ) : null}
    </>
  );
}

export function Growth({ figures }: Given) {
  const { pace, growth } = figures;
  const versions: [string, number][] = growth.map(([at, n, short]) => [`${at.slice(0, 10)} ${short}`, n]);
  const last = versions[versions.length - 1];
  return (
    <>
      <Card title={`Labels by ${pace.unit}`}>
        <Trend points={pace.points} label={`Labels by ${pace.unit}`} />
        {pace.points.length > 1 ? null : (
          <Note>{pace.points.length ? `${shown(pace.points[0]![1])} labels within one ${pace.unit}.` : "No label yet."}</Note>
        )}
      </Card>
      <Card title="Rows by version">
        <Trend points={versions} label="Rows by version" />
        {versions.length > 1 || !last ? null : <Note>One version, {shown(last[1])} rows.</Note>}
      </Card>
    </>
  );
}

export const PANELS = { Overview, Classes, Agreement, Labelers, Coverage, Model, Growth };
