/** What a model says of each label that it never saw. */
import { Card, Note } from "../cards";
import { Columns, Scale, Table } from "./drawing";
import { percent, shown, type Figures } from "./figures";

export function Model({ figures }: { figures: Figures }) {
  const { model, suspected } = figures;
  return (
    <>
      {model?.n ? (
        <>
          <p class="qfd-how">
            {shown(model.n_right ?? 0)} of {shown(model.n)} labels of <bdi>{model.target}</bdi> predicted rightly (
            {percent(model.n_right ?? 0, model.n)}), each by a model that learned from the others only.
          </p>
          <Card title="Examples by the probability of their label">
            {model.histogram ? <Columns drawn={model.histogram} label="Probability of the label" /> : null}
          </Card>
          <Card title="Predicted rightly by class">
            <Scale
              lines={model.classes.map(([name, n, right, value, mean]) => ({
                ...{ name, value },
                note: `${shown(right)} of ${shown(n)}; mean probability ${mean.toFixed(2)}`,
              }))}
              label="Share predicted rightly by class"
            />
            {model.n_more ? <Note>… and {shown(model.n_more)} more</Note> : null}
          </Card>
        </>
      ) : null}
      {model?.lowest.length ? (
        <Card title="The least probable labels">
          <Table head={["item", "label", "predicted", "probability of the label"]} rows={model.lowest} label="The least probable labels" />
        </Card>
      ) : null}
      {model?.note ? <Note>{model.note}</Note> : null}
      {suspected ? (
        <Card title={`${shown(suspected.n)} labels that the model doubts`}>
          <Table head={["item", "given", "the model says", "probability"]} rows={suspected.rows} label="Labels that the model doubts" />
        </Card>
      ) : null}
    </>
  );
}
