import { z } from "zod";
import { AppError } from "#domain/errors.ts";
import type { JsonObject } from "#domain/webhook-event.ts";
import type { GuardedAnswer, GuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";

/** A workspace of a Windmill server. */
export type WindmillServer = {
  /** Without `/api`: `http://localhost:8081`. */
  readonly baseUrl: string;
  readonly workspace: string;
  readonly token: string;
};

/** A script as Windmill describes it. */
export type WindmillScript = {
  readonly summary: string;
  readonly description: string;
  /** JSON schema of its arguments. */
  readonly schema: JsonObject;
};

/** A run of a script. */
export type WindmillRun = {
  readonly path: string;
  readonly arguments: JsonObject;
  /** A UUID that belongs to this run alone: a second start with it is none. */
  readonly jobId: string;
  /** Which workers take it; null: the script's own. */
  readonly tag: string | null;
};

/** Where a job stands. `absent`: Windmill knows nothing of it. */
export type WindmillJob =
  | { readonly state: "absent" | "queued" | "running" }
  | { readonly state: "succeeded" | "failed"; readonly result: unknown };

/**
 * What a cancelled job came to: it never began, it had ended before (with a result), or it may have come
 * some way.
 */
export type WindmillEnd = "never-begun" | "ended" | "unknown";

/** The few operations of Windmill's REST API that running a script takes. */
export type WindmillClient = {
  readonly getScript: (path: string, signal: AbortSignal) => Promise<WindmillScript>;
  /** Resolves when Windmill has the job, now or from an earlier start with its id. */
  readonly startScript: (run: WindmillRun, signal: AbortSignal) => Promise<void>;
  readonly getJob: (jobId: string, signal: AbortSignal) => Promise<WindmillJob>;
  /** To be asked after a cancellation. */
  readonly getEnd: (jobId: string, signal: AbortSignal) => Promise<WindmillEnd>;
  readonly cancelJob: (jobId: string, reason: string, signal: AbortSignal) => Promise<void>;
};

/** Scripts' descriptions and results; a longer result is not for a chat. */
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;

const Json: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const Script = z.looseObject({
  summary: z.string().default(""),
  description: z.string().default(""),
  schema: Json.nullish(),
});
const Completion = z.looseObject({
  completed: z.boolean(),
  success: z.boolean().optional(),
  result: z.unknown().optional(),
});
const Job = z.looseObject({
  type: z.string().optional(),
  running: z.boolean().optional(),
  success: z.boolean().optional(),
  canceled: z.boolean().optional(),
  /** Zero of a job that no worker took. */
  duration_ms: z.number().optional(),
  worker: z.string().nullish(),
});
type Job = z.infer<typeof Job>;

/** In place of a result beyond `ANSWER_BYTES_MAX`. */
const TOO_LARGE = "The script ended; its result is too large to show.";

/**
 * Speaks to one workspace. Every function throws `AppError` of the TOOL_ codes: an answer of Windmill as
 * TOOL_CREDENTIALS_REFUSED, TOOL_MISCONFIGURED or TOOL_REQUEST_REJECTED, none as TOOL_UNAVAILABLE, since
 * all of it may be asked again; `details.isSent` says that Windmill may have got it.
 */
export function createWindmillClient(
  requests: Pick<GuardedRequests, "send">,
  server: WindmillServer,
): WindmillClient {
  const ask = createAsk(requests, server);
  const { getJob, getEnd } = createLooks(ask);
  return {
    getJob,
    getEnd,
    getScript: async (path, signal) => {
      const answer = await ask(`/scripts/get/p/${encodePath(path)}`, { signal });
      if (answer.status === 404)
        throw new AppError("TOOL_MISCONFIGURED", `Windmill has no script ${path}, or hides it.`);
      if (answer.status !== 200) throw refusal(answer);
      const { summary, description, schema } = parse(Script, answer.text);
      return { summary, description, schema: schema ?? {} };
    },
    startScript: async (run, signal) => {
      const query = new URLSearchParams({
        job_id: run.jobId,
        ...(run.tag === null ? {} : { tag: run.tag }),
      });
      const path = `/jobs/run/p/${encodePath(run.path)}?${query.toString()}`;
      const answer = await ask(path, { body: run.arguments, signal });
      if (answer.status === 200 || answer.status === 201) return;
      // Of an id that is taken Windmill says only that the request is bad; which it is, the job tells.
      const { state } = await getJob(run.jobId, signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        throw new AppError("TOOL_UNAVAILABLE", "Windmill does not say whether it has the job.", {
          cause,
          details: { isSent: true },
        });
      });
      if (state === "absent") throw refusal(answer);
    },
    cancelJob: async (jobId, reason, signal) => {
      const path = `/jobs_u/queue/cancel/${encodeURIComponent(jobId)}`;
      const answer = await ask(path, { body: { reason }, signal });
      if (answer.status !== 200 && answer.status !== 404) throw refusal(answer);
    },
  };
}

/** Looks at a job. */
function createLooks(ask: ReturnType<typeof createAsk>): Pick<WindmillClient, "getJob" | "getEnd"> {
  const describe = async (jobId: string, signal: AbortSignal): Promise<Job | null> => {
    const id = encodeURIComponent(jobId);
    const job = await ask(`/jobs_u/get/${id}?no_logs=true&no_code=true`, { signal });
    if (job.status === 404) return null;
    if (job.status !== 200) throw refusal(job);
    return parse(Job, job.text);
  };
  const getJob: WindmillClient["getJob"] = async (jobId, signal) => {
    const id = encodeURIComponent(jobId);
    const path = `/jobs_u/completed/get_result_maybe/${id}`;
    const done = await ask(path, { signal }).catch(nullIfTooLarge);
    if (done !== null && done.status === 200) {
      const { completed, success, result } = parse(Completion, done.text);
      if (completed) return { state: success === false ? "failed" : "succeeded", result };
    } else if (done !== null && done.status !== 404) throw refusal(done);
    const job = await describe(jobId, signal);
    if (job === null) return { state: "absent" };
    // Windmill leaves a large result out of a job's description.
    if (done === null && job.success !== undefined)
      return { state: job.success ? "succeeded" : "failed", result: TOO_LARGE };
    return { state: job.running === true ? "running" : "queued" };
  };
  return { getJob, getEnd: async (jobId, signal) => endOf(await describe(jobId, signal)) };
}

/** A job that ended by itself was not cancelled, whatever it was asked. */
function endOf(job: Job | null): WindmillEnd {
  if (job?.type !== "CompletedJob") return "unknown";
  if (job.canceled !== true) return "ended";
  const wasTaken = job.duration_ms !== 0 || typeof job.worker === "string";
  return wasTaken ? "unknown" : "never-begun";
}

function nullIfTooLarge(error: unknown): null {
  if (error instanceof AppError && error.code === "TOOL_RESULT_TOO_LARGE") return null;
  throw error;
}

type Answer = { readonly status: number; readonly text: string };
type Asked = { readonly body?: JsonObject; readonly signal: AbortSignal };

function createAsk(requests: Pick<GuardedRequests, "send">, server: WindmillServer) {
  const base = `${server.baseUrl.replace(/\/+$/, "")}/api/w/${encodeURIComponent(server.workspace)}`;
  return async (path: string, { body, signal }: Asked): Promise<Answer> => {
    const answer = await requests
      .send({
        url: base + path,
        method: body === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${server.token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
      })
      .catch(asUnavailable);
    const { status } = answer;
    const text = await readText(answer);
    if (status === 401 || status === 403)
      throw new AppError(
        "TOOL_CREDENTIALS_REFUSED",
        `Windmill does not accept the token for this workspace: it answers ${status}.`,
        { details: { status } },
      );
    if (status === 429 || status >= 500)
      throw new AppError("TOOL_UNAVAILABLE", `Windmill has trouble: it answers ${status}.`, {
        details: { status, isSent: status !== 429 && status !== 503 },
      });
    return { status, text };
  };
}

async function readText(answer: GuardedAnswer): Promise<string> {
  return answer.text(ANSWER_BYTES_MAX).catch(asUnavailable);
}

/** Whether Windmill got it does not matter: the same can be asked again. */
function asUnavailable(cause: unknown): never {
  if (cause instanceof AppError && cause.code === "TOOL_OUTCOME_UNKNOWN")
    throw new AppError("TOOL_UNAVAILABLE", "Windmill does not answer.", {
      cause,
      details: { isSent: true },
    });
  throw cause;
}

/** Windmill's words may quote arguments, so only the number is told. */
function refusal({ status }: Answer): AppError {
  const isNobody = status === 404 || status === 405 || (status >= 300 && status < 400);
  return new AppError(
    isNobody ? "TOOL_MISCONFIGURED" : "TOOL_REQUEST_REJECTED",
    `Windmill refuses the request: it answers ${status}.`,
    { details: { status } },
  );
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new AppError("TOOL_UNAVAILABLE", "Windmill answers with what makes no sense.", {
    cause: parsed.error,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Slashes stay: Windmill's paths are made of them. */
const encodePath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
