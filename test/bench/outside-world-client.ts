import { once } from "node:events";
import { Answer, type Command, type LoadReport } from "./outside-world-protocol.ts";
import { type BenchProcess, forkProcess } from "./processes.ts";

/** The outside world's process, as the bench sees it. */
export type OutsideWorld = {
  readonly process: BenchProcess;
  /** Address of the Graph API; the models are below `/openai/v1`. */
  readonly url: string;
  readonly ask: (command: Command) => Promise<LoadReport>;
};

/** Starts it and waits until it can be called. */
export async function startOutsideWorld(): Promise<OutsideWorld> {
  const world = forkProcess("outside-world.ts", {});
  const ended = world.ended.then(() => {
    throw new Error("The outside world ended");
  });
  ended.catch(() => {}); // also at the end of a run, when nobody waits for an answer
  const nextAnswer = async (): Promise<Answer> => {
    const [message] = await Promise.race([once(world.child, "message"), ended]);
    return Answer.parse(message);
  };
  const ready = await nextAnswer();
  return {
    process: world,
    url: ready.kind === "ready" ? ready.url : "",
    ask: async (command) => {
      const answer = nextAnswer();
      world.child.send(command);
      const done = await answer;
      if (done.kind !== "done") throw new Error(`Unexpected answer to ${command.kind}`);
      return done.report;
    },
  };
}
