import { fetch } from "undici";
import { AppError } from "#domain/errors.ts";

const TIMEOUT_MS = 10_000;

/** One coloured block of a Slack message. */
export type SlackAttachment = {
  readonly color: string;
  readonly title: string;
  readonly text: string;
};

/** Posts to a Slack incoming webhook. Throws SLACK_UNAVAILABLE, which is worth a retry. */
export async function postToSlack(
  webhookUrl: string,
  message: { readonly text: string; readonly attachments: readonly SlackAttachment[] },
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(webhookUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    redirect: "error",
  }).catch((cause: unknown) => {
    throw new AppError("SLACK_UNAVAILABLE", "Slack cannot be reached", { cause });
  });
  await response.body?.cancel();
  if (!response.ok)
    throw new AppError("SLACK_UNAVAILABLE", "Slack refused the message", {
      details: { httpStatus: response.status },
    });
}
