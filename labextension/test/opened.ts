/** The built bundle, opened on a page as a notebook opens it. */
import { FakeModel, type Plan } from "./kernel";
// @ts-expect-error the bundle is built and has no types
import widget from "../../qforge_jupyter/widgets/static/label.js";

export const closers: (() => void)[] = [];

/** Close every view and every widget. */
export function close(): void {
  for (const each of closers.splice(0)) each();
  document.body.replaceChildren();
}

export async function open(plan: Plan, state: object = {}, prepare: (model: FakeModel) => void = () => {}) {
  const model = new FakeModel(plan, state);
  prepare(model);
  closers.push(widget.initialize({ model }));
  const view = await show(model);
  return { model, ...view };
}

export async function show(model: FakeModel) {
  const el = document.createElement("div");
  document.body.append(el);
  closers.push(widget.render({ model, el }));
  await settle();
  const root = el.querySelector<HTMLElement>(".qfl")!;
  root.focus();
  const press = async (...keys: string[]) => {
    for (const each of keys) {
      const [key, isShift] = each.startsWith("⇧") ? [each.slice(1), true] : [each, false];
      const target = root.contains(document.activeElement) ? document.activeElement! : root;
      const options = { key, shiftKey: isShift, bubbles: true, cancelable: true };
      target.dispatchEvent(new KeyboardEvent("keydown", options));
      await settle();
    }
  };
  const answersOf = (model: FakeModel) => model.kept.map((each) => each.answers);
  return { el, root, press, answersOf };
}

export async function settle() {
  for (let n = 0; n < 5; n += 1) await new Promise((done) => setTimeout(done, 0));
}
