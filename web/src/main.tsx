// Where the page starts: styles first, then the one root component.
import "@xterm/xterm/css/xterm.css";
import "./style/base.css";
import "./style/header.css";
import "./style/stage.css";
import "./style/side_bar.css";
import "./style/dialogs.css";

import { render } from "preact";

import { App } from "./app";

const root = document.getElementById("app");
if (root) render(<App />, root);
