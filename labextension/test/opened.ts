/** The labeling widget on a page, with what presses its keys. */
import { FakeModel, type Plan } from "./kernel";
import { mount, view } from "./mounted";
// @ts-expect-error the bundle is built and has no types
import widget from "../../qforge_jupyter/widgets/static/label.js";

export async function open(plan: Plan, state: object = {}, prepare: (model: FakeModel) => void = () => {}) {
  const model = new FakeModel(plan, state);
  prepare(model);
  return { model, ...(await used(mount(widget, model))) };
}

/** Draw one more view. */
export async function show(model: FakeModel) {
  return used(view(widget, model));
}

async function used(el: HTMLElement) {
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
  return { el, root, press };
}

export async function settle() {
  for (let n = 0; n < 5; n += 1) await new Promise((done) => setTimeout(done, 0));
}
