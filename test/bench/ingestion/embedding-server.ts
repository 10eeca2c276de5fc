import { startEmbeddingServer } from "../../support/start-embedding-server.ts";

// An embedding service in a process of its own, as a remote one is: prints its address.
const { url } = await startEmbeddingServer();
process.stdout.write(`${url}\n`);
