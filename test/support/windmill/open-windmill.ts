import { randomUUID } from "node:crypto";
import { systemClock } from "#platform/clock.ts";
import { createGuardedRequests } from "#providers/guarded-fetch/guarded-requests.ts";
import { createWindmillClient } from "#providers/windmill/windmill-client.ts";
import { createWindmillTools } from "#tools/windmill/open-windmill-tools.ts";
import { startFakeWindmill } from "./start-fake-windmill.ts";

/** A script to deploy: a module of JavaScript, whose arguments its schema names in their order. */
export type TestScript = { readonly content: string; readonly schema: object };

/** A real Windmill, when `WINDMILL_URL` and `WINDMILL_TOKEN` name one, or the fake. */
export async function openWindmill() {
  const { WINDMILL_URL, WINDMILL_TOKEN, WINDMILL_WORKSPACE } = process.env;
  const fake = await startFakeWindmill();
  const isReal = WINDMILL_URL !== undefined && WINDMILL_TOKEN !== undefined;
  const platform = isReal
    ? { baseUrl: WINDMILL_URL, token: WINDMILL_TOKEN, workspace: WINDMILL_WORKSPACE ?? "parley" }
    : { baseUrl: fake.url, token: fake.token, workspace: fake.workspace };
  const requests = createGuardedRequests({ allowPrivateAddresses: true });
  const guarded = createGuardedRequests({ allowPrivateAddresses: false });
  const folder = `parley_test_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const deployed: string[] = [];

  const post = async (path: string, body?: object) => {
    const answer = await requests.send({
      url: `${platform.baseUrl}/api/w/${platform.workspace}${path}`,
      method: "POST",
      headers: {
        authorization: `Bearer ${platform.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text(1_000_000);
    if (answer.status >= 300)
      throw new Error(`Windmill answers ${answer.status} to ${path}: ${text}`);
  };
  await post("/folders/create", { name: folder });
  return {
    platform,
    /** Throws when the fake was asked, or has answered, what Windmill would not know. */
    assertNoViolations: () => {
      if (fake.violations.length > 0) throw new Error(fake.violations.join("\n"));
    },
    client: createWindmillClient(requests, platform),
    openTools: createWindmillTools({
      platform,
      requests: { platform: requests, tenant: guarded },
      clock: systemClock,
    }),
    /** Puts a script on the server; returns its path. */
    deploy: async (name: string, { content, schema }: TestScript) => {
      const path = `f/${folder}/${name}`;
      await post("/scripts/create", {
        path,
        summary: `Test ${name}`,
        description: `Does ${name}`,
        content,
        schema,
        language: "bun",
        // Nothing is imported, so nothing is to be resolved before the first run.
        lock: '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>',
      });
      deployed.push(path);
      return path;
    },
    close: async () => {
      for (const path of deployed) await post(`/scripts/delete/p/${path}`);
      await Promise.all([requests.close(), guarded.close()]);
      await fake[Symbol.asyncDispose]();
    },
  };
}
