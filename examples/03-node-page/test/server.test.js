import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import test from "node:test";
import { handle } from "../src/server.js";

test("the page names the path, and escapes it", async (context) => {
  const server = createServer(handle).listen(0, "127.0.0.1");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const response = await fetch(`http://127.0.0.1:${server.address().port}/a&b`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /You asked for \/a&amp;b/);
});
