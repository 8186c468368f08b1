/** The dashboard: a watcher of figures. */
import { widgetOf } from "../views";
import { App } from "./app";
import { Watcher } from "./watching";

export default widgetOf((model) => new Watcher(model), (watcher) => <App watcher={watcher} />);
