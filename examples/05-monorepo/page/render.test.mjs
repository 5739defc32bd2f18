import assert from "node:assert/strict";
import test from "node:test";
import { render } from "./render.mjs";

test("the version is on the page, escaped", () => {
  assert.match(render("1.0<beta>"), /version 1\.0&lt;beta&gt;/);
});
