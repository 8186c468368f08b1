/** The verdict: one desk a widget, drawn by any number of views. */
import { render as draw } from "preact";
import type { Model } from "../rpc";
import { App } from "./app";
import { Desk } from "./desk";

const desks = new Map<string, Desk>();

function deskOf(model: Model): Desk {
  const token = String(model.get("token"));
  const found = desks.get(token) ?? new Desk(model);
  desks.set(token, found);
  return found;
}

export default {
  initialize({ model }: { model: Model }) {
    deskOf(model);
    return () => {
      const token = String(model.get("token"));
      desks.get(token)?.close();
      desks.delete(token);
    };
  },

  render({ model, el }: { model: Model; el: HTMLElement }) {
    draw(<App desk={deskOf(model)} />, el);
    return () => draw(null, el);
  },
};
