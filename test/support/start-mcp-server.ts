import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The protocol's own reference server in a process of its own. */
export type McpReferenceServer = {
  /** The address to enter as `mcp_server_url`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  /** Ends it as a crash does. */
  readonly kill: () => Promise<void>;
  /** Starts it again at the same address. */
  readonly start: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const PROGRAM = join(
  import.meta.dirname,
  "../../node_modules/@modelcontextprotocol/server-everything/dist/index.js",
);

/** Starts `@modelcontextprotocol/server-everything` on a free port, in the newer or the older form. */
export async function startMcpServer(
  form: "streamableHttp" | "sse" = "streamableHttp",
): Promise<McpReferenceServer> {
  const port = await freePort();
  let stop = () => Promise.resolve();
  const start = async () => {
    const child = spawn(process.execPath, [PROGRAM, form], {
      env: { PATH: process.env["PATH"], PORT: String(port) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const exited = once(child, "exit");
    stop = async () => {
      child.kill("SIGKILL");
      await exited;
    };
    const lines = createInterface(child.stderr); // it tells on, so its words are read on
    const said: string[] = [];
    const ready = new Promise<boolean>((resolve) => {
      lines.on("line", (line) => {
        said.push(line);
        if (/(listening|running) on port/.test(line)) resolve(true);
      });
      void exited.then(() => resolve(false));
    });
    if (await ready) return;
    throw new Error(`The MCP server ended before it was ready:\n${said.join("\n")}`);
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}/${form === "sse" ? "sse" : "mcp"}`,
    port,
    kill: () => stop(),
    start,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** The server takes no port 0 and tells no port, so one is found for it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
