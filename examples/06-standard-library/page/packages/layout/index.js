const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Returns a whole page; title and text are plain text. */
export function page(title, text) {
  const [safeTitle, safeText] = [title, text].map((value) => value.replace(/[&<>"]/g, (c) => escapes[c]));
  return `<!doctype html>\n<title>${safeTitle}</title>\n<h1>${safeTitle}</h1>\n<p>${safeText}</p>\n`;
}
