/** What stands behind a widget: one a widget, drawn by any number of views. */
import { render as draw, type VNode } from "preact";
import type { Model } from "./rpc";

export function widgetOf<Desk extends { close(): void }>(make: (model: Model) => Desk, view: (desk: Desk) => VNode) {
  const desks = new Map<string, Desk>();
  const deskOf = (model: Model): Desk => {
    const token = String(model.get("token"));
    const found = desks.get(token) ?? make(model);
    desks.set(token, found);
    return found;
  };
  return {
    initialize({ model }: { model: Model }) {
      deskOf(model);
      return () => {
        const token = String(model.get("token"));
        desks.get(token)?.close();
        desks.delete(token);
      };
    },

    render({ model, el }: { model: Model; el: HTMLElement }) {
      draw(view(deskOf(model)), el);
      return () => draw(null, el);
    },
  };
}
