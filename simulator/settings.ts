import { z } from "zod";

/** How the simulator behaves; everything has a default that suits a person at the page. */
export const settingsSchema = z.strictObject({
  /** Where Meta's webhooks go, for example `http://127.0.0.1:3000/webhook`. */
  webhookUrl: z.string(),
  /** Signs the webhooks. */
  appSecret: z.string().min(1),
  /** What a free-form message to somebody who has not written for 24 hours gets (131047). */
  customerServiceWindow: z.enum(["refuse", "fail-status", "off"]).default("refuse"),
  /** Pause before each status webhook, counted from the one before, in milliseconds. */
  statusDelaysMs: z
    .strictObject({
      sent: z.int().min(0).default(40),
      delivered: z.int().min(0).default(120),
      read: z.int().min(0).default(300),
    })
    .prefault({}),
  /** First pause before a webhook is tried a third time; it doubles from then on. */
  webhookRetryDelayMs: z.int().min(1).default(500),
  webhookRetryDelayMaxMs: z.int().min(1).default(60_000),
});

/** Settings with every default filled in. */
export type SimulatorSettings = z.infer<typeof settingsSchema>;

/** The settings that may change while it runs; without defaults, so that what is not named stays. */
export const settingsPatchSchema = z.strictObject({
  webhookUrl: z.string().optional(),
  appSecret: z.string().min(1).optional(),
  customerServiceWindow: z.enum(["refuse", "fail-status", "off"]).optional(),
});
