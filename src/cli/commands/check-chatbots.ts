import { toAppError } from "#domain/errors.ts";
import type { SealedChatbot } from "#store/health.ts";
import type { CommandDeps } from "./command.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Time for one model or number to answer. */
const ONLINE_TIMEOUT_MS = 20_000;

/** Judges what the chatbots need: sealed secrets that open, models with keys and, online, Meta. */
export async function* checkChatbots(
  deps: CommandDeps,
  chatbots: readonly SealedChatbot[],
  options: { readonly online: boolean },
): AsyncGenerator<Finding> {
  yield checkSecrets(deps, chatbots);
  const active = chatbots.filter(({ isActive }) => isActive);
  if (chatbots.length === 0)
    yield warning("chatbots", "There is none yet: make one with ./parley chatbot create.");
  else yield ok("chatbots", `${chatbots.length}, ${active.length} of them active.`);
  for (const model of modelsOf(deps, active)) {
    const finding = checkModel(deps, model);
    yield finding.level === "ok" && options.online ? await callModel(deps, model) : finding;
  }
  if (!options.online) return;
  for (const chatbot of active) yield await checkNumber(deps, chatbot);
}

function checkSecrets(deps: CommandDeps, chatbots: readonly SealedChatbot[]): Finding {
  const closed = chatbots.filter((chatbot) => !opens(deps, chatbot));
  if (closed.length === 0)
    return ok("key ring", `It opens the secrets of ${chatbots.length} chatbot(s).`);
  return problem(
    "key ring",
    `It does not open the secrets of ${closed.map(({ name }) => name).join(", ")}: add the key that sealed them to ENCRYPTION_KEYS, or set the secrets anew with ./parley chatbot update.`,
  );
}

function opens(deps: CommandDeps, chatbot: SealedChatbot): boolean {
  try {
    openToken(deps, chatbot);
    if (chatbot.sealedAppSecret !== null)
      deps.keyRing.open(chatbot.sealedAppSecret, {
        organizationId: chatbot.organizationId,
        column: "whatsapp_app_secret",
      });
    return true;
  } catch {
    return false; // the finding says which chatbot it is
  }
}

const openToken = (deps: CommandDeps, chatbot: SealedChatbot): string =>
  deps.keyRing.open(chatbot.sealedAccessToken, {
    organizationId: chatbot.organizationId,
    column: "whatsapp_access_token",
  });

function modelsOf(deps: CommandDeps, active: readonly SealedChatbot[]): ReadonlySet<string> {
  const names = active.flatMap(({ model, fallbackModel }) =>
    fallbackModel === null ? [model] : [model, fallbackModel],
  );
  return new Set([...names, deps.config.DEFAULT_MODEL]);
}

function checkModel(deps: CommandDeps, model: string): Finding {
  try {
    deps.models.get(model);
    return ok(`model ${model}`, "It can be called.");
  } catch (error) {
    return problem(`model ${model}`, toAppError(error).message);
  }
}

async function callModel(deps: CommandDeps, model: string): Promise<Finding> {
  const startedMs = deps.clock.monotonicMs();
  try {
    await deps.models.get(model).doGenerate({
      prompt: [{ role: "user", content: [{ type: "text", text: "Answer with the word: ready" }] }],
      maxOutputTokens: 64,
      abortSignal: AbortSignal.timeout(ONLINE_TIMEOUT_MS),
    });
    const tookMs = Math.round(deps.clock.monotonicMs() - startedMs);
    return ok(`model ${model}`, `It answered in ${tookMs} ms.`);
  } catch (error) {
    const { code, message } = toAppError(error);
    return problem(`model ${model}`, `${message} (${code})`);
  }
}

async function checkNumber(deps: CommandDeps, chatbot: SealedChatbot): Promise<Finding> {
  const check = `number of ${chatbot.name}`;
  try {
    const health = await deps.whatsApp.fetchNumberHealth(
      { phoneNumberId: chatbot.phoneNumberId, accessToken: openToken(deps, chatbot) },
      AbortSignal.timeout(ONLINE_TIMEOUT_MS),
    );
    const quality = health.qualityRating?.toUpperCase();
    const facts = [
      quality === undefined ? null : `quality ${quality}`,
      health.throughputLevel === undefined ? null : `throughput ${health.throughputLevel}`,
      health.webhookUrl === undefined ? null : `webhooks go to ${health.webhookUrl}`,
    ].filter((fact) => fact !== null);
    const message = `Meta answers: ${facts.join(", ") || "the token is valid"}.`;
    return quality === "RED" || quality === "YELLOW" ? warning(check, message) : ok(check, message);
  } catch (error) {
    const { code, message } = toAppError(error);
    return problem(check, `${message} (${code})`);
  }
}
