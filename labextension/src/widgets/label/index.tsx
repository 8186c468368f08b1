/** The labeling widget: one session a widget, drawn by any number of views. */
import { render as draw } from "preact";
import type { Model } from "../rpc";
import { App } from "./app";
import { Session } from "./session";

const sessions = new Map<string, Session>();

function sessionOf(model: Model): Session {
  const token = String(model.get("token"));
  const found = sessions.get(token) ?? new Session(model);
  if (!sessions.has(token)) {
    sessions.set(token, found);
    void found.start();
  }
  return found;
}

export default {
  initialize({ model }: { model: Model }) {
    sessionOf(model);
    return () => {
      const token = String(model.get("token"));
      sessions.get(token)?.close();
      sessions.delete(token);
    };
  },

  render({ model, el }: { model: Model; el: HTMLElement }) {
    const session = sessionOf(model);
    void session.ping();
    draw(<App session={session} />, el);
    return () => draw(null, el);
  },
};
