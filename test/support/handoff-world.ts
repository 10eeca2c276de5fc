import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { createTestPlatform, type ParleyRun, runParley, shellWords } from "./run-parley.ts";
import { startWorld, type TestWorld } from "./start-world.ts";

/** A world with one chatbot, whose model hands over whoever mentions a refund. */
export type HandoffWorld = Pick<TestWorld, "simulator" | "database" | "restart"> & {
  readonly phoneNumberId: string;
  /** A customer writes; resolves when the program has stored it. */
  readonly says: (customer: string, text: string) => Promise<unknown>;
  /** A colleague answers from the WhatsApp app; resolves when the program has stored it. */
  readonly colleagueSays: (customer: string, text: string) => Promise<unknown>;
  /** Runs an operator's command. */
  readonly parley: (line: string) => Promise<ParleyRun>;
  readonly rowsOf: (query: ReturnType<typeof sql>) => Promise<readonly Record<string, unknown>[]>;
  /** Id of the only conversation, or of the last one. */
  readonly conversationId: () => Promise<string>;
  /** Lets the time of every pause be over, and the schedule look at once. */
  readonly endPauses: () => Promise<void>;
  /** The texts that customers got, in order. */
  readonly texts: () => readonly string[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Starts it; `settings` are as in the environment. */
export async function startHandoffWorld(
  settings: Readonly<Record<string, string>> = {},
  options: { readonly replyDelayMs?: number } = {},
): Promise<HandoffWorld> {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await startWorld(settings));
  const { phoneNumberId } = await world.createChatbot(options);
  const { simulator, database } = world;
  const folder = await mkdtemp(join(tmpdir(), "parley-handoff-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const platform = createTestPlatform(database, { DATA_DIR: folder });
  simulator.models.script(({ texts, tools }) =>
    /refund/.test(texts.join(" ")) && tools.includes("hand_over_to_human")
      ? { toolCalls: [{ name: "hand_over_to_human", input: REFUND }] }
      : undefined,
  );
  const rowsOf = async (query: ReturnType<typeof sql>) => {
    const { rows } = await database.asOwner((db) => query.execute(db));
    return rows.map((row): Record<string, unknown> => Object(row));
  };
  return {
    simulator,
    database,
    restart: world.restart,
    phoneNumberId,
    rowsOf,
    says: (customer: string, text: string) =>
      simulator.customerSends({ phoneNumberId, customer, content: { type: "text", text } })
        .acknowledged,
    colleagueSays: (customerId: string, text: string) =>
      simulator.businessPhoneSends({ phoneNumberId, customerId, text }).acknowledged,
    parley: (line: string) => runParley(platform, shellWords(line)),
    conversationId: async () => {
      const [row] = await rowsOf(sql`select id from conversations order by id desc limit 1`);
      return String(row?.["id"]);
    },
    endPauses: async () => {
      await rowsOf(
        sql`update conversations set paused_until = now() where status = 'human' and paused_until is not null`,
      );
      await rowsOf(sql`update mailboxes set run_at = now() where key = 'schedule:pauses'`);
    },
    texts: () => simulator.sent.map(({ text }) => text),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const REFUND = { reason: "cannot help", summary: "Wants a refund of order 7." };
