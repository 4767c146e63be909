// Where the planner starts: the page holds an element `planner`, the script its data.

import { open } from "./engine/index.js";
import { mount } from "./ui/app.js";

const { bundle } = globalThis.Provender;
const place = document.getElementById("planner");
if (place) mount(place, open(bundle), bundle);
