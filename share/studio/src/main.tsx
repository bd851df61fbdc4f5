import { render } from "preact";
import { App } from "./App";
import { start } from "./store";
import "./style.css";

render(<App />, document.getElementById("studio")!);
void start();
