import { parseArgs } from "node:util";
import { createSimulator } from "./create-simulator.ts";

const HELP = `The outside world of a WhatsApp business, for development and tests.

node simulator/main.ts --port 3001 --webhook-url http://127.0.0.1:3000/webhook --app-secret secret

  --port <number>            port to listen on (3001; 0 takes a free one)
  --host <address>           address to listen on (127.0.0.1)
  --webhook-url <url>        where the webhooks go
  --app-secret <secret>      signs the webhooks
  --phone-number-id <id>     a business number; may be repeated (1000000001)
  --window <refuse|fail-status|off>   what a free-form message outside the 24-hour window gets
  --seed <number>            makes the fault switches' chance repeatable
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3001" },
    host: { type: "string", default: "127.0.0.1" },
    "webhook-url": { type: "string", default: "http://127.0.0.1:3000/webhook" },
    "app-secret": { type: "string", default: "simulator" },
    "phone-number-id": { type: "string", multiple: true, default: ["1000000001"] },
    window: { type: "string", default: "refuse" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const simulator = await createSimulator({
    port: Number(values.port),
    host: values.host,
    webhookUrl: values["webhook-url"],
    appSecret: values["app-secret"],
    phoneNumbers: values["phone-number-id"].map((phoneNumberId) => ({ phoneNumberId })),
    customerServiceWindow:
      values.window === "off" || values.window === "fail-status" ? values.window : "refuse",
    random: values.seed === undefined ? undefined : createRandom(Number(values.seed)),
  });
  // Parsed by whoever starts it as a separate process.
  process.stdout.write(`${JSON.stringify({ listening: simulator.url })}\n`);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void simulator.close());
}

/** Mulberry32: a small seeded generator. */
function createRandom(seed: number): () => number {
  let state = Math.trunc(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
