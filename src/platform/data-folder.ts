import { constants } from "node:fs";
import { access, chmod, mkdir, open, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "#domain/errors.ts";

/** The lock of a data folder; it ends with `release`, or with the process, however that ends. */
export type DataFolderLock = { readonly release: () => Promise<void> };

export type DataFolderLockOptions = {
  /**
   * Gets each connection to the folder's socket. Without it there is no socket: for work of a
   * moment, which a process that starts meanwhile waits for.
   */
  readonly handle?: (socket: Socket) => void;
  /** How long to wait for such work of others, in milliseconds. */
  readonly waitMs?: number;
};

const LOCK_FILE = "parley.lock";
const SOCKET_FILE = "parley.sock";
const DEFAULT_WAIT_MS = 10_000;
const RETRY_MS = 50;
/** A Unix socket connects at once, unless its owner has stopped and its queue is full. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Enough to notice a full disk or a used-up quota. */
const PROBE_BYTES = 64 * 1024;
const SQLITE_BUSY = 5;

/**
 * Takes a data folder for this process alone, and listens on a socket in it that only the folder's
 * owner can reach.
 *
 * The lock is a lock of the kernel on `parley.lock`, since a process id means nothing in another
 * container, and a socket alone leaves a race between two that find the same dead one. Node offers
 * no file lock, but its SQLite takes one for an exclusive transaction. It goes with the process, so
 * that a socket found under the lock is always a dead one.
 * @throws AppError DATA_FOLDER_IN_USE or DATA_FOLDER_UNUSABLE, with a sentence that says what to do.
 */
export async function lockDataFolder(
  folder: string,
  options: DataFolderLockOptions = {},
): Promise<DataFolderLock> {
  await prepareFolder(folder);
  const file = await acquireLockFile(folder, options.waitMs ?? DEFAULT_WAIT_MS);
  try {
    const closeSocket = options.handle ? await listenInFolder(folder, options.handle) : null;
    return {
      release: async () => {
        await closeSocket?.();
        file.close();
      },
    };
  } catch (cause) {
    file.close();
    throw unusable(folder, cause);
  }
}

/**
 * Connects to the process that holds the folder; null when none listens there.
 * @throws AppError DATA_FOLDER_UNUSABLE when the folder belongs to another user.
 */
export async function connectToDataFolder(folder: string): Promise<Socket | null> {
  try {
    const short = await openShortPath(folder);
    try {
      return await connectTo(join(short.path, SOCKET_FILE));
    } finally {
      await short.close();
    }
  } catch (error) {
    if (["ENOENT", "ECONNREFUSED", "ENOTDIR"].includes(codeOf(error))) return null;
    throw unusable(folder, error);
  }
}

async function connectTo(path: string): Promise<Socket> {
  const socket = connect(path);
  const connected = Promise.withResolvers<void>();
  socket.once("connect", connected.resolve).once("error", connected.reject);
  const timer = setTimeout(() => socket.destroy(timeoutError()), CONNECT_TIMEOUT_MS);
  await connected.promise.finally(() => clearTimeout(timer));
  socket.removeListener("error", connected.reject);
  return socket;
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const probe = join(folder, `.probe-${crypto.randomUUID()}`);
    try {
      await writeFile(probe, Buffer.alloc(PROBE_BYTES), { flush: true, mode: 0o600 });
    } finally {
      await rm(probe, { force: true });
    }
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

async function acquireLockFile(folder: string, waitMs: number): Promise<DatabaseSync> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const file = tryLockFile(folder);
    if (file !== null) return file;
    const socket = await connectToDataFolder(folder);
    socket?.destroy();
    if (socket !== null || performance.now() >= deadlineMs) {
      throw new AppError(
        "DATA_FOLDER_IN_USE",
        `Another Parley process uses the data folder ${folder}. Stop it first, or give this one a folder of its own with DATA_DIR.`,
      );
    }
    await delay(RETRY_MS);
  }
}

/** The locked file, or null when another process (or another lock in this one) has it. */
function tryLockFile(folder: string): DatabaseSync | null {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(join(folder, LOCK_FILE));
    file.exec("pragma locking_mode = exclusive; begin exclusive");
    return file;
  } catch (cause) {
    file?.close();
    if (cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY) return null;
    throw unusable(folder, cause);
  }
}

/** Listens, in place of a socket that a dead process has left. Returns what ends it. */
async function listenInFolder(
  folder: string,
  handle: (socket: Socket) => void,
): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // whoever asked has gone: no reason to end the process
    handle(socket);
  });
  await rm(join(folder, SOCKET_FILE), { force: true });
  const short = await openShortPath(folder);
  try {
    await listen(server, join(short.path, SOCKET_FILE));
    await chmod(join(folder, SOCKET_FILE), 0o600);
  } catch (error) {
    server.close();
    await short.close();
    throw error;
  }
  return async () => {
    for (const socket of sockets) socket.destroy();
    // Closing removes the socket's file under the name it was made with, so that name is kept valid.
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await short.close();
  };
}

async function listen(server: Server, path: string): Promise<void> {
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject).listen(path, listening.resolve);
  await listening.promise;
  server.removeListener("error", listening.reject);
}

/**
 * A name of the folder that is short enough for a socket, whose path may have no more than 107
 * bytes. Linux knows an open folder as /proc/self/fd/<number> too; elsewhere the path itself has to
 * do.
 */
async function openShortPath(
  folder: string,
): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  const directory = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const path = `/proc/self/fd/${directory.fd}`;
  const isKnown = await access(path).then(
    () => true,
    () => false,
  );
  return { path: isKnown ? path : folder, close: () => directory.close() };
}

function unusable(folder: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError("DATA_FOLDER_UNUSABLE", explain(folder, cause), { cause });
}

function explain(folder: string, cause: unknown): string {
  const name = `The data folder ${folder}`;
  switch (codeOf(cause)) {
    case "EACCES":
    case "EPERM":
      return `${name} belongs to another user, or may not be written. Run Parley as its owner, or choose another folder with DATA_DIR.`;
    case "ENOSPC":
    case "EDQUOT":
      return `${name} is on a full disk. Free some space, or choose another folder with DATA_DIR.`;
    case "EROFS":
      return `${name} is on a disk that cannot be written. Choose another folder with DATA_DIR.`;
    case "ENOTDIR":
    case "EEXIST":
      return `${name} is not a folder. Choose another one with DATA_DIR.`;
    case "ENAMETOOLONG":
      return `${name} has too long a path. Choose a shorter one with DATA_DIR.`;
    default:
      return `${name} cannot be used (${codeOf(cause) || "unknown reason"}). Choose another one with DATA_DIR.`;
  }
}

const timeoutError = (): Error => Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
