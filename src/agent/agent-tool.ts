import type { AppError } from "#domain/errors.ts";
import type { IntegrationId } from "#domain/ids.ts";
import type { ValueSchema } from "#platform/json-schema-of.ts";
import type { CallOutcome } from "./run-tool.ts";

/** Something that a model may do besides answering, by its name. */
export type AgentTool = {
  /** Tells the model what it is for and when to use it. */
  readonly description: string;
  /** What the model must pass. With a JSON schema, `refuse` has to check it. */
  readonly inputSchema: ValueSchema;
  /**
   * Does it. The result must survive JSON, since it is stored before the model sees it. Throws
   * `AppError` with a message that the model may read; of other errors it is told only that the
   * tool failed. The signal ends a call that takes too long. The key is the call's own within its
   * turn, and the same when the call is made again after a crash.
   */
  readonly execute: (input: unknown, signal: AbortSignal, key?: string) => Promise<unknown>;
  /**
   * Its result is a `ReplyAddition`: something that is sent with the reply. Only a tool of ours may
   * say so, as what it returns is sent in the business's name.
   */
  readonly addsToReply?: true;
  /**
   * Looks at a call before it is made, or before the customer is asked about it; an error says why it is
   * not made, and the model reads its message.
   */
  readonly refuse?: (input: unknown, before: "call" | "question") => AppError | null;
  /** Hears what became of each call that was made. */
  readonly settled?: (outcome: CallOutcome) => void;
  /** Once it has succeeded the model is asked no more: what it said along with the call is the answer. */
  readonly endsRun?: true;
  /** Where it comes from. Left out: it is built in and leaves nothing behind outside of the turn. */
  readonly origin?: ToolOrigin;
};

/** What is known of a tool that an organization has set up. */
export type ToolOrigin = {
  readonly type: "builtin" | "mcp" | "windmill" | "http";
  readonly integrationId: IntegrationId | null;
  /** Changes with what is set up of it: a customer's yes is for the tool as it was when they were asked. */
  readonly fingerprint?: string;
  /**
   * Whether a call may change something outside. Then a call whose outcome is unknown (a crash, a
   * time limit) is never made again: the model is told that nobody knows.
   */
  readonly effects: "none" | "outside";
  /**
   * Its server knows a call by its key and makes it once, so that a call of unknown outcome may be
   * made again in the same turn.
   */
  readonly repeatable?: true;
  /** Whether the customer is asked before it runs. */
  readonly confirmation: "none" | "customer";
  /** How `tool_executions` keeps what was passed and what came back. */
  readonly record: "sealed" | "redacted";
};

/** The tools of a chatbot, by the name that the model sees. */
export type AgentTools = Readonly<Record<string, AgentTool>>;
