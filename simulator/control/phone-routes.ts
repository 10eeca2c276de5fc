import { readFile } from "node:fs/promises";
import type { FastifyInstance } from "fastify";

/** The page's files: hand-written, no build step, nothing from elsewhere. */
const FILES: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/phone/style.css": { file: "style.css", type: "text/css; charset=utf-8" },
  "/phone/app.js": { file: "app.js", type: "text/javascript; charset=utf-8" },
  "/phone/store.js": { file: "store.js", type: "text/javascript; charset=utf-8" },
  "/phone/dom.js": { file: "dom.js", type: "text/javascript; charset=utf-8" },
  "/phone/markup.js": { file: "markup.js", type: "text/javascript; charset=utf-8" },
  "/phone/chat-list.js": { file: "chat-list.js", type: "text/javascript; charset=utf-8" },
  "/phone/conversation.js": { file: "conversation.js", type: "text/javascript; charset=utf-8" },
  "/phone/bubble.js": { file: "bubble.js", type: "text/javascript; charset=utf-8" },
  "/phone/attachment.js": { file: "attachment.js", type: "text/javascript; charset=utf-8" },
  "/phone/voice.js": { file: "voice.js", type: "text/javascript; charset=utf-8" },
  "/phone/voice-bubble.js": { file: "voice-bubble.js", type: "text/javascript; charset=utf-8" },
  "/phone/faults.js": { file: "faults.js", type: "text/javascript; charset=utf-8" },
  "/favicon.svg": { file: "favicon.svg", type: "image/svg+xml" },
};

/** Everything comes from this server; pictures may come from where a bot links to. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' https:; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the phone in the browser. */
export function registerPhoneRoutes(app: FastifyInstance): void {
  for (const [path, { file, type }] of Object.entries(FILES)) {
    app.get(path, async (_request, reply) =>
      reply
        .type(type)
        .header("cache-control", "no-cache")
        .header("content-security-policy", CONTENT_SECURITY_POLICY)
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer")
        .send(await readFile(new URL(`../phone/${file}`, import.meta.url))),
    );
  }
}
