/** Returns the page for a version of the service. */
export function render(version) {
  const safe = version.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
  return `<!doctype html>\n<title>Stagefile</title>\n<p>version ${safe}</p>\n`;
}
