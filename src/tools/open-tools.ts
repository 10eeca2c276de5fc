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
import { capTools } from "./cap-tools.ts";
import type { Breakers } from "./create-breakers.ts";
import { equipTools } from "./equip-tools.ts";
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
    rows.map(async (row) => ({ row, one: await openOne(deps, { row, caller }, signal) })),
  );
  const capped = capTools(opened.map(({ one }) => one?.tools ?? {}));
  const sources = opened.map(({ row }, index) => ({
    prefix: row.name,
    tools: capped[index] ?? {},
  }));
  const notes = opened.flatMap(({ row, one }, index) => {
    if (one === null) return [`The tool ${row.name} is out of order at the moment.`];
    if (countOf(capped[index]) < countOf(one.tools)) one.leaveOut("TOOL_MISCONFIGURED");
    return one.isWhole() ? [] : [`Some of the tools of ${row.name} cannot be used.`];
  });
  return { tools: nameTools(sources), notes };
}

const countOf = (tools: AgentTools = {}): number => Object.keys(tools).length;

type OpenedOne = {
  readonly tools: AgentTools;
  /** Notes why some of its tools are not offered; a call of another one that works does not clear it. */
  readonly leaveOut: (errorCode: ErrorCode) => void;
  readonly isWhole: () => boolean;
};

type Given = { readonly row: IntegrationRow; readonly caller: ToolCaller };

/** Null: it cannot be used now. */
async function openOne(
  deps: OpenToolsDeps,
  { row, caller }: Given,
  signal: AbortSignal,
): Promise<OpenedOne | null> {
  if (deps.breakers.isOpen(row.id)) return null;
  let lacking: ErrorCode | null = null;
  const note = (errorCode: ErrorCode | null) =>
    noteState(deps, { row, caller }, errorCode ?? lacking);
  const leaveOut = (errorCode: ErrorCode) => {
    lacking = errorCode;
    note(errorCode);
  };
  try {
    const credentials = readCredentials(deps.keyRing, caller.organizationId, row.credentials);
    if (credentials.sealed !== null) await sealStored(deps, { row, caller }, credentials.sealed);
    const integration = { ...row, credentials: credentials.opened };
    const tools = await openIntegration(deps, { integration, caller }, signal);
    const report = { breakers: deps.breakers, note };
    const equipped = equipTools(report, integration, tools);
    if (equipped.fault !== null) {
      deps.logger.warn({ ...fieldsOf({ row, caller }), error: equipped.fault }, "tool left out");
      leaveOut(equipped.fault.code);
    }
    return { tools: equipped.tools, leaveOut, isWhole: () => lacking === null };
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
