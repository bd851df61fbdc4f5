import { render } from "preact";
import { App } from "./App";
import { start } from "./store";
import "./style/index.css";

render(<App />, document.getElementById("studio")!);
void start();
