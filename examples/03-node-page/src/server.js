import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { page } from "layout";

/** Answers every request with the one page. */
export function handle(request, response) {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page("Stagefile", `You asked for ${request.url}`));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const port = Number(process.env.PORT ?? 3000);
  createServer(handle).listen(port, () => console.log(`listening on ${port}`));
}
