import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { createContractCheck, type KnownRequest } from "./check-contract.ts";
import { createFakeJobs, type FakeJob, type FakeScript } from "./fake-jobs.ts";

/** What the server does with requests besides what it should. */
export type Trouble = "none" | "answers 503" | "answers 401" | "drops requests" | "loses answers";

/** A stand-in for Windmill, held to the contract of Windmill's own client. */
export type FakeWindmill = {
  readonly url: string;
  readonly workspace: string;
  readonly token: string;
  readonly deploy: (path: string, script: FakeScript) => void;
  /** All jobs so far, in the order of their starts. */
  readonly jobs: () => readonly FakeJob[];
  /** Operations asked, in their order. */
  readonly asked: readonly string[];
  /** Requests and answers that Windmill would not know. */
  readonly violations: readonly string[];
  /** Of the operation of this name, or of every one. */
  readonly makeTrouble: (trouble: Trouble, operation?: string) => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const TOKEN = "windmill-test-token";
const WORKSPACE = "parley";

type Reply = { readonly status: number; readonly body: unknown };

/** Starts it on a free port, with so many workers. */
export async function startFakeWindmill({ workers = 4 } = {}): Promise<FakeWindmill> {
  const check = createContractCheck();
  const scripts = new Map<string, FakeScript>();
  const jobs = createFakeJobs(workers);
  const asked: string[] = [];
  let trouble: { readonly kind: Trouble; readonly operation: string | undefined } = {
    kind: "none",
    operation: undefined,
  };

  const answer = (request: KnownRequest, body: unknown): Reply => {
    const operation = OPERATIONS[request.operation];
    if (operation === undefined) throw new Error(`The fake cannot do ${request.operation}`);
    if (request.parts["workspace"] !== WORKSPACE) return { status: 404, body: "no workspace" };
    return operation({ scripts, jobs, request, body });
  };
  const server = createServer((incoming, response) => {
    void text(incoming).then((received) => {
      const body: unknown = received === "" ? undefined : JSON.parse(received);
      const url = (incoming.url ?? "").replace(/^\/api/, "");
      const known = check.request({ method: incoming.method ?? "", url, body });
      if (known === null) return send(response, { status: 404, body: "not found" });
      asked.push(known.operation);
      const isTroubled = trouble.operation === undefined || trouble.operation === known.operation;
      const kind = isTroubled ? trouble.kind : "none";
      if (kind === "drops requests") return void response.destroy();
      if (kind === "answers 503") return send(response, { status: 503, body: "overloaded" });
      if (kind === "answers 401") return send(response, { status: 401, body: "Unauthorized" });
      const isLetIn = incoming.headers.authorization === `Bearer ${TOKEN}`;
      const reply = isLetIn ? answer(known, body) : { status: 401, body: "Unauthorized" };
      check.answer(known.operation, reply.status, reply.body);
      if (kind === "loses answers") return void response.destroy();
      send(response, reply);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    workspace: WORKSPACE,
    token: TOKEN,
    deploy: (path, script) => scripts.set(path, script),
    jobs: jobs.all,
    asked,
    violations: check.violations,
    makeTrouble: (kind, operation) => {
      trouble = { kind, operation };
    },
    [Symbol.asyncDispose]: async () => {
      await jobs.stop();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
  response.end(isText ? body : JSON.stringify(body));
}

type Asked = {
  readonly scripts: Map<string, FakeScript>;
  readonly jobs: ReturnType<typeof createFakeJobs>;
  readonly request: KnownRequest;
  readonly body: unknown;
};

const Arguments = z.record(z.string(), z.unknown());
const NewScript = z.object({
  path: z.string(),
  summary: z.string(),
  description: z.string().default(""),
  content: z.string(),
  schema: z.record(z.string(), z.unknown()).default({}),
});

const OPERATIONS: Readonly<Record<string, (asked: Asked) => Reply>> = {
  createFolder: () => ({ status: 200, body: "created" }),
  createScript: ({ scripts, body }) => {
    const { path, ...script } = NewScript.parse(body);
    scripts.set(path, script);
    return { status: 201, body: "0123456789abcdef" };
  },
  deleteScriptByPath: ({ scripts, request }) => {
    const path = request.parts["path"] ?? "";
    return scripts.delete(path) ? { status: 200, body: path } : { status: 404, body: "not found" };
  },
  getScriptByPath: ({ scripts, request }) => {
    const path = request.parts["path"] ?? "";
    const script = scripts.get(path);
    if (script === undefined) return { status: 404, body: "Not found: script" };
    return { status: 200, body: describeScript(path, script) };
  },
  runScriptByPath: ({ scripts, jobs, request, body }) => {
    const script = scripts.get(request.parts["path"] ?? "");
    if (script === undefined) return { status: 404, body: "Not found: script" };
    const id = request.query.get("job_id") ?? randomUUID();
    if (!z.uuid().safeParse(id).success) return { status: 400, body: "job_id is no UUID" };
    if (jobs.find(id) !== undefined)
      return { status: 400, body: `Bad request: A job with id ${id} already exists` };
    const tag = request.query.get("tag") ?? "bun";
    jobs.start({ id, tag, path: request.parts["path"] ?? "", args: Arguments.parse(body), script });
    return { status: 201, body: id };
  },
  getCompletedJobResultMaybe: ({ jobs, request }) => {
    const job = jobs.find(request.parts["id"] ?? "");
    if (job?.state !== "completed")
      return { status: 200, body: { completed: false, result: null } };
    const { success, result } = job;
    return { status: 200, body: { completed: true, success, result } };
  },
  getJob: ({ jobs, request }) => {
    const job = jobs.find(request.parts["id"] ?? "");
    if (job === undefined) return { status: 404, body: "Not found: job" };
    return { status: 200, body: describeJob(job) };
  },
  cancelQueuedJob: ({ jobs, request }) => {
    const job = jobs.find(request.parts["id"] ?? "");
    if (job === undefined) return { status: 404, body: "Not found: job" };
    jobs.cancel(job);
    return { status: 200, body: job.id };
  },
};

function describeScript(path: string, { summary, description, content, schema }: FakeScript) {
  return {
    hash: "0123456789abcdef",
    path,
    summary,
    description,
    content,
    schema,
    created_by: "admin",
    created_at: "2026-11-25T09:00:00Z",
    archived: false,
    deleted: false,
    is_template: false,
    extra_perms: {},
    language: "bun",
    kind: "script",
    starred: false,
    has_preprocessor: false,
    is_draft: false,
  };
}

function describeJob(job: FakeJob) {
  const common = {
    id: job.id,
    script_path: job.path,
    canceled: job.isCanceled,
    job_kind: "script",
    permissioned_as: "u/admin",
    is_flow_step: false,
    email: "admin@windmill.dev",
    visible_to_owner: true,
    tag: job.tag,
  };
  if (job.state !== "completed")
    return { ...common, type: "QueuedJob", running: job.state === "running" };
  return {
    ...common,
    type: "CompletedJob",
    created_by: "admin",
    created_at: "2026-11-25T09:00:00Z",
    started_at: "2026-11-25T09:00:00Z",
    duration_ms: job.hasBegun ? 1 : 0,
    success: job.success,
    result: JSON.stringify(job.result).length < 90_000 ? job.result : "WINDMILL_TOO_BIG",
    is_skipped: false,
  };
}
