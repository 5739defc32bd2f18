import assert from "node:assert";
import { test } from "node:test";
import { page } from "layout";

test("text is escaped", () => {
  assert.match(page("a & b", "<script>"), /<h1>a &amp; b<\/h1>\n<p>&lt;script&gt;<\/p>/);
});
