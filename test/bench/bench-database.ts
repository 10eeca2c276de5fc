import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import pg from "pg";
import { readStat } from "./processes.ts";

/** The PostgreSQL server of DATABASE_URL: databases for one run, and what they cost. */
export type BenchServer = {
  /** Makes an empty database and returns its address. */
  readonly createDatabase: () => Promise<string>;
  /** Drops all that were made. */
  readonly close: () => Promise<void>;
  /** Transactions committed in a database so far. Backends report late: close their pools first. */
  readonly readCommits: (databaseUrl: string) => Promise<number>;
  /** Starts counting the CPU of the whole server, except for the backends of another database. */
  readonly startCpu: (exceptDatabaseUrl: string) => Promise<() => Promise<number>>;
  /**
   * Whether a worker has joined in a database: it holds its advisory lock (src/store/workers.ts). Asks
   * from outside, so that the question is not counted.
   */
  readonly hasWorker: (databaseUrl: string) => Promise<boolean>;
  /** Runs one query in a database. */
  readonly query: (databaseUrl: string, text: string) => Promise<readonly unknown[]>;
};

const nameOf = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1);

/** Connects as the user of the URL, who must be allowed to create databases. */
export async function openBenchServer(serverUrl: string): Promise<BenchServer> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = (await readStat(rows[0]?.pid ?? 0))?.parentPid;
  if (postmaster === undefined)
    throw new Error(
      "The PostgreSQL server must run on this machine: its CPU is a part of the cost",
    );
  const names: string[] = [];

  const backendsOf = async (databaseUrl: string): Promise<ReadonlySet<number>> => {
    const backends = await client.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = $1",
      [nameOf(databaseUrl)],
    );
    return new Set(backends.rows.map((row) => row.pid));
  };

  return {
    createDatabase: async () => {
      const name = `parley_bench_${randomUUID().replaceAll("-", "")}`;
      await client.query(`create database ${name}`);
      names.push(name);
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    close: async () => {
      for (const name of names) await client.query(`drop database ${name} with (force)`);
      await client.end();
    },
    readCommits: async (databaseUrl) => {
      await client.query("select pg_stat_clear_snapshot()");
      const stat = await client.query<{ commits: string }>(
        "select xact_commit as commits from pg_stat_database where datname = $1",
        [nameOf(databaseUrl)],
      );
      return Number(stat.rows[0]?.commits);
    },
    startCpu: async (exceptDatabaseUrl) => {
      const others = await backendsOf(exceptDatabaseUrl);
      const start = await readServerCpu(postmaster, others);
      return async () => (await readServerCpu(postmaster, others)) - start;
    },
    hasWorker: async (databaseUrl) => {
      const locks = await client.query(
        `select 1 from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and l.classid = 4242 and l.granted and d.datname = $1`,
        [nameOf(databaseUrl)],
      );
      return locks.rows.length > 0;
    },
    query: async (databaseUrl, text) => {
      const other = new pg.Client({ connectionString: databaseUrl });
      await other.connect();
      try {
        return (await other.query<Readonly<Record<string, unknown>>>(text)).rows;
      } finally {
        await other.end();
      }
    },
  };
}

/** The postmaster, its ended children, its backends and background workers, in milliseconds. */
async function readServerCpu(postmaster: number, except: ReadonlySet<number>): Promise<number> {
  const own = await readStat(postmaster);
  let cpuMs = (own?.cpuMs ?? 0) + (own?.endedChildrenMs ?? 0);
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || except.has(Number(pid))) continue;
    const stat = await readStat(pid);
    if (stat?.parentPid === postmaster) cpuMs += stat.cpuMs;
  }
  return cpuMs;
}
