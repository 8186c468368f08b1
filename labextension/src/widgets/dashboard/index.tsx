/** The dashboard: one watcher a widget, drawn by any number of views. */
import { render as draw } from "preact";
import type { Model } from "../rpc";
import { App } from "./app";
import { Watcher } from "./watching";

const watchers = new Map<string, Watcher>();

function watcherOf(model: Model): Watcher {
  const token = String(model.get("token"));
  const found = watchers.get(token) ?? new Watcher(model);
  watchers.set(token, found);
  return found;
}

export default {
  initialize({ model }: { model: Model }) {
    watcherOf(model);
    return () => {
      const token = String(model.get("token"));
      watchers.get(token)?.close();
      watchers.delete(token);
    };
  },

  render({ model, el }: { model: Model; el: HTMLElement }) {
    draw(<App watcher={watcherOf(model)} />, el);
    return () => draw(null, el);
  },
};
