import type { FastifyReply, FastifyRequest } from "fastify";
import type { SimulatorEvent } from "../events.ts";
import type { World } from "../world.ts";
import { takeSnapshot } from "./snapshot.ts";

/** A comment line now and then tells proxies and the page that the connection lives. */
const HEARTBEAT_MS = 10_000;

/** Server-sent events: first a snapshot, then what happens. */
export function streamEvents(world: World, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    connection: "keep-alive",
  });
  const send = (name: string, data: unknown) =>
    raw.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  send("snapshot", takeSnapshot(world));
  const unsubscribe = world.events.subscribe((event) => {
    if (event.type === "reset" || event.type === "number") send("snapshot", takeSnapshot(world));
    else if (isForPage(event)) send(event.type, event);
  });
  const heartbeat = setInterval(() => raw.write("event: heartbeat\ndata: {}\n\n"), HEARTBEAT_MS);
  request.raw.on("close", () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
}

/** The logs of tests are not shown; a number comes with its secrets, so the page gets a snapshot. */
function isForPage(event: SimulatorEvent): boolean {
  return (
    event.type === "chat" ||
    event.type === "typing" ||
    event.type === "customer" ||
    event.type === "faults"
  );
}
