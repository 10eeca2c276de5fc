import type { ReplyAddition } from "#domain/reply-addition.ts";

/** A step of the run: one answer of the model, with the tools that it called. */
export type AgentStep<Call> = { readonly text: string; readonly toolCalls: readonly Call[] };

/** What tools add to the reply of a run. Steps are given from the first one on. */
export type ReplyAdditions<Call> = {
  /** In the order in which the model called the tools. */
  readonly of: (steps: readonly AgentStep<Call>[]) => readonly ReplyAddition[];
  /**
   * Whether the last step is words with nothing but additions to them: then the reply is whole, and
   * the model need not be paid for saying so.
   */
  readonly isWholeReply: (steps: readonly AgentStep<Call>[]) => boolean;
};

/** @param find what a call has added; null for a call that adds nothing, or that failed. */
export function createReplyAdditions<Call>(
  find: (stepNumber: number, call: Call) => ReplyAddition | null,
): ReplyAdditions<Call> {
  return {
    of: (steps) =>
      steps.flatMap(({ toolCalls }, stepNumber) =>
        toolCalls.flatMap((call) => find(stepNumber, call) ?? []),
      ),
    isWholeReply: (steps) => {
      const last = steps.at(-1);
      if (last === undefined || last.text.trim() === "") return false;
      return last.toolCalls.every((call) => find(steps.length - 1, call) !== null);
    },
  };
}
