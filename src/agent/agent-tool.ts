import type { FlexibleSchema } from "ai";

/** Something that a model may do besides answering, by its name. */
export type AgentTool = {
  /** Tells the model what it is for and when to use it. */
  readonly description: string;
  /** What the model must pass: a zod schema, or `jsonSchema(…)` of the AI SDK made once. */
  readonly inputSchema: FlexibleSchema;
  /**
   * Does it. The result must survive JSON, since it is stored before the model sees it. Throws
   * `AppError` with a message that the model may read; of other errors it is told only that the
   * tool failed. The signal ends a call that takes too long.
   */
  readonly execute: (input: unknown, signal: AbortSignal) => Promise<unknown>;
};

/** The tools of a chatbot, by the name that the model sees. */
export type AgentTools = Readonly<Record<string, AgentTool>>;
