import type { AgentTools } from "#agent/agent-tool.ts";
import { type ErrorCode, toAppError } from "#domain/errors.ts";
import type { Clock } from "#platform/clock.ts";
import type { KeyRing } from "#platform/key-ring.ts";
import type { Logger } from "#platform/logger.ts";
import { asTenant } from "#store/as-tenant.ts";
import type { AppDatabase } from "#store/database.ts";
import {
  findIntegrations,
  type IntegrationRow,
  noteIntegrationState,
  replaceCredentials,
} from "#store/integrations.ts";
import type { Breakers } from "./create-breakers.ts";
import { equipTool } from "./equip-tool.ts";
import { nameTools } from "./name-tools.ts";
import { openIntegration } from "./open-integration.ts";
import { readCredentials } from "./read-credentials.ts";
import type { ToolCaller, ToolServices } from "./tool-source.ts";

export type OpenToolsDeps = {
  readonly db: AppDatabase;
  readonly keyRing: Pick<KeyRing, "open" | "seal">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly toolProviders: ToolServices["toolProviders"];
  readonly breakers: Breakers;
};

/** What a chatbot's integrations bring to a turn. */
export type OpenedTools = {
  readonly tools: AgentTools;
  /** For the model: what does not work now, one line each. */
  readonly notes: readonly string[];
};

/**
 * The tools of the caller's chatbot, as its integrations stand now. One that is broken, or whose server
 * has failed several times in a row, is left out and said to be out of order; the turn goes on.
 */
export async function openTools(
  deps: OpenToolsDeps,
  caller: ToolCaller,
  signal: AbortSignal,
): Promise<OpenedTools> {
  const rows = await asTenant(deps.db, caller.organizationId, (tenant) =>
    findIntegrations(tenant, caller.chatbotId),
  );
  const opened = await Promise.all(
    rows.map(async (row) => ({ row, tools: await openOne(deps, { row, caller }, signal) })),
  );
  return {
    tools: nameTools(opened.map(({ row, tools }) => ({ prefix: row.name, tools: tools ?? {} }))),
    notes: opened
      .filter(({ tools }) => tools === null)
      .map(({ row }) => `The tool ${row.name} is out of order at the moment.`),
  };
}

type Given = { readonly row: IntegrationRow; readonly caller: ToolCaller };

/** Null: it cannot be used now. */
async function openOne(
  deps: OpenToolsDeps,
  { row, caller }: Given,
  signal: AbortSignal,
): Promise<AgentTools | null> {
  if (deps.breakers.isOpen(row.id)) return null;
  const note = (errorCode: ErrorCode | null) => noteState(deps, { row, caller }, errorCode);
  try {
    const credentials = readCredentials(deps.keyRing, caller.organizationId, row.credentials);
    if (credentials.sealed !== null) await sealStored(deps, { row, caller }, credentials.sealed);
    const integration = { ...row, credentials: credentials.opened };
    const tools = await openIntegration(deps, { integration, caller }, signal);
    const report = { breakers: deps.breakers, note };
    const equipped = Object.entries(tools).map(
      async ([name, tool]) => [name, await equipTool(report, integration, tool)] as const,
    );
    return Object.fromEntries(await Promise.all(equipped));
  } catch (error) {
    signal.throwIfAborted();
    const failure = toAppError(error);
    if (failure.retryable) deps.breakers.failed(row.id);
    deps.logger.warn({ ...fieldsOf({ row, caller }), error: failure }, "tool out of order");
    note(failure.code);
    return null;
  }
}

/** Only a change is written, and nobody waits for it. */
function noteState(
  { db, logger }: OpenToolsDeps,
  { row, caller }: Given,
  errorCode: ErrorCode | null,
): void {
  if (row.errorCode === errorCode) return;
  asTenant(db, caller.organizationId, (tenant) =>
    noteIntegrationState(tenant, row.id, errorCode),
  ).catch((error: unknown) => {
    logger.warn({ ...fieldsOf({ row, caller }), error }, "state of an integration not noted");
  });
}

async function sealStored(
  deps: OpenToolsDeps,
  { row, caller }: Given,
  sealed: Readonly<Record<string, string>>,
): Promise<void> {
  await asTenant(deps.db, caller.organizationId, (tenant) =>
    replaceCredentials(tenant, row.id, { read: row.credentials, sealed }),
  );
  deps.logger.info(fieldsOf({ row, caller }), "plain credentials sealed");
}

function fieldsOf({ row, caller }: Given) {
  const { organizationId, chatbotId } = caller;
  return { organizationId, chatbotId, integrationId: row.id, provider: row.provider };
}
