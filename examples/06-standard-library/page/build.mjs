import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { page } from "layout";

// Writes the page into the folder that the command line names.
const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "index.html"), page("Standard library", "Built with std.npm & served by std.go"));
