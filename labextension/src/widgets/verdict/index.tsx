/** The verdict: a desk at which it is looked into. */
import { widgetOf } from "../views";
import { App } from "./app";
import { Desk } from "./desk";

export default widgetOf((model) => new Desk(model), (desk) => <App desk={desk} />);
