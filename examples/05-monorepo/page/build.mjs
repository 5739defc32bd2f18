// Writes the site into the directory that is named on the command line.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { render } from "./render.mjs";

const directory = process.argv[2];
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, "index.html"), render(process.env.VERSION ?? "development"));
