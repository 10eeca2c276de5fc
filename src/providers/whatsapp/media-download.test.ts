import { createServer, type RequestListener } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { AppError } from "#domain/errors.ts";
import { createMediaDownload } from "./media-download.ts";

const NEVER = new AbortController().signal;

/** A server, closed with the test. @returns its address. */
async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${address === null || typeof address === "string" ? 0 : address.port}`;
}

/** Fetches a file whose addresses Meta names one after the other. */
function fetchFrom(
  addresses: readonly string[],
  { graphApiBaseUrl = "https://graph.facebook.com", sizeBytesMax = 100 } = {},
) {
  const asked: string[] = [];
  const graphApi: Parameters<typeof createMediaDownload>[0] = {
    ask: async ({ request, read }) => {
      asked.push(request.path);
      const body = JSON.stringify({ url: addresses[asked.length - 1] ?? addresses.at(-1) });
      const answer = read({ status: 200, retryAfter: undefined, body });
      if (answer === undefined) throw new AppError("WHATSAPP_UNAVAILABLE", "unreadable");
      return answer;
    },
  };
  const download = createMediaDownload(graphApi, {
    graphApiBaseUrl,
    graphApiVersion: "v26.0",
    timeoutMs: 1_000,
  });
  onTestFinished(download.close);
  const sender = { phoneNumberId: "12", accessToken: "secret" };
  const fetched = download.fetch({ sender, mediaId: "34", sizeBytesMax, signal: NEVER });
  return { fetched, asked };
}

test.for([
  "http://lookaside.fbsbx.com/file",
  "https://lookaside.fbsbx.com.evil.example/file",
  "https://evil.example/lookaside.fbsbx.com",
  "https://lookaside.fbsbx.com@evil.example/file",
  "https://user@lookaside.fbsbx.com/file",
  "https://lookaside.fbsbx.com:8443/file",
  "https://fbcdn.net.example/file",
  "https://evilfbcdn.net/file",
  "https://graph.facebook.com/file",
  "http://169.254.169.254/latest/meta-data",
  "file:///etc/passwd",
  "no address",
])("%s is none of Meta's file servers", async (address) => {
  const { fetched } = fetchFrom([address]);
  expect(await fetched).toEqual({ kind: "refused", reason: "foreign-host" });
});

test("the stand-in of the Graph API may serve its own files, and gets the token", async () => {
  const seen: (string | undefined)[] = [];
  const graphApiBaseUrl = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end("file");
  });
  const { fetched, asked } = fetchFrom([`${graphApiBaseUrl}/file`], { graphApiBaseUrl });
  expect(await fetched).toEqual({ kind: "file", bytes: Buffer.from("file") });
  expect(seen).toEqual(["Bearer secret"]);
  expect(asked).toEqual(["/v26.0/34?phone_number_id=12"]);
});

test("another port of the same machine is another server", async () => {
  let calls = 0;
  const other = await serve((_request, response) => {
    calls += 1;
    response.end("file");
  });
  const graphApiBaseUrl = await serve((_request, response) => response.end());
  const { fetched } = fetchFrom([`${other}/file`], { graphApiBaseUrl });
  expect(await fetched).toMatchObject({ reason: "foreign-host" });
  expect(calls).toBe(0);
});

test("a redirect leads nowhere else, and takes the token nowhere else", async () => {
  let calls = 0;
  const other = await serve((_request, response) => {
    calls += 1;
    response.end("file");
  });
  const graphApiBaseUrl = await serve((_request, response) =>
    response.writeHead(302, { location: `${other}/file` }).end(),
  );
  const { fetched } = fetchFrom([`${graphApiBaseUrl}/file`], { graphApiBaseUrl });
  expect(await fetched).toEqual({ kind: "refused", reason: "foreign-host" });
  expect(calls).toBe(0);
});

test("an address that is not valid any more is asked for once more, and then it is gone", async () => {
  const graphApiBaseUrl = await serve((request, response) =>
    request.url === "/fresh" ? response.end("file") : response.writeHead(404).end(),
  );
  const at = (path: string) => `${graphApiBaseUrl}${path}`;
  const again = fetchFrom([at("/old"), at("/fresh")], { graphApiBaseUrl });
  expect(await again.fetched).toMatchObject({ kind: "file" });
  const gone = fetchFrom([at("/old")], { graphApiBaseUrl });
  expect(await gone.fetched).toEqual({ kind: "refused", reason: "gone" });
  expect(gone.asked).toHaveLength(2);
});

test("a file that grows beyond the limit while it comes is given up", async () => {
  const graphApiBaseUrl = await serve((_request, response) => {
    response.write("x".repeat(60));
    response.end("x".repeat(60));
  });
  const { fetched } = fetchFrom([`${graphApiBaseUrl}/file`], { graphApiBaseUrl });
  expect(await fetched).toEqual({ kind: "refused", reason: "too-large" });
});

test.for([
  [500, "unavailable"],
  [429, "unavailable"],
  [401, "refused"],
  [403, "refused"],
] as const)("an answer %d means %s", async ([status, reason]) => {
  const graphApiBaseUrl = await serve((_request, response) => response.writeHead(status).end());
  const { fetched } = fetchFrom([`${graphApiBaseUrl}/file`], { graphApiBaseUrl });
  expect(await fetched).toEqual({ kind: "refused", reason });
});

test("a server that says nothing is waited for no longer than allowed", async () => {
  const graphApiBaseUrl = await serve(() => {});
  const { fetched } = fetchFrom([`${graphApiBaseUrl}/file`], { graphApiBaseUrl });
  expect(await fetched).toEqual({ kind: "refused", reason: "unavailable" });
});
