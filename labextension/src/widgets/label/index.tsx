/** The labeling widget: a session before a queue. */
import type { Model } from "../rpc";
import { widgetOf } from "../views";
import { App } from "./app";
import { Session } from "./session";

function begun(model: Model): Session {
  const session = new Session(model);
  void session.start();
  return session;
}

export default widgetOf(begun, (session) => {
  void session.ping();
  return <App session={session} />;
});
