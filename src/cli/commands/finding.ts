import { z } from "zod";

/** One line of `doctor`. Only a `problem` makes it fail. */
export const Finding = z.object({
  check: z.string(),
  level: z.enum(["ok", "warning", "problem"]),
  /** What is so and, unless it is well, what to do. */
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** All is well. */
export const ok = (check: string, message: string): Finding => ({ check, level: "ok", message });

/** It works, but somebody should look at it. */
export const warning = (check: string, message: string): Finding => ({
  check,
  level: "warning",
  message,
});

/** Something does not work. */
export const problem = (check: string, message: string): Finding => ({
  check,
  level: "problem",
  message,
});
