/** A built bundle on a page, as a notebook puts it there. */
import type { FakeModel } from "./kernel";

export interface Bundle {
  initialize(given: { model: FakeModel }): () => void;
  render(given: { model: FakeModel; el: HTMLElement }): () => void;
}

const closers: (() => void)[] = [];

/** Begin a widget and draw a view of it. */
export function mount(bundle: Bundle, model: FakeModel): HTMLElement {
  closers.push(bundle.initialize({ model }));
  return view(bundle, model);
}

/** Draw one more view of a widget. */
export function view(bundle: Bundle, model: FakeModel): HTMLElement {
  const el = document.createElement("div");
  document.body.append(el);
  closers.push(bundle.render({ model, el }));
  return el;
}

/** Close every view and every widget, the latest first; what they leave on the page stays there. */
export function close(): void {
  for (const each of closers.splice(0).reverse()) each();
}

/** Give the page to the next test. */
export function clear(): void {
  close();
  document.body.replaceChildren();
}
