import { registerHooks } from "node:module";

const FORBIDDEN =
  /^(node:)?(net|tls|http|https|http2|dns|dgram|child_process|cluster|worker_threads|inspector|repl|vm)(\/|$)/;
const FORBIDDEN_GLOBALS = ["fetch", "WebSocket", "EventSource"];

/**
 * Takes the ways into the network away from what is loaded from here on. Node's permissions cover
 * files, processes and threads, but not the network; a document is only read, never run, so this is
 * the second lock behind the readers themselves.
 */
export function blockNetwork(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      if (FORBIDDEN.test(specifier)) throw new Error(`${specifier} is not for documents`);
      return next(specifier, context);
    },
  });
  const getBuiltinModule = process.getBuiltinModule.bind(process);
  Object.defineProperty(process, "getBuiltinModule", {
    value: (name: string) => (FORBIDDEN.test(name) ? undefined : getBuiltinModule(name)),
  });
  for (const name of FORBIDDEN_GLOBALS) Reflect.deleteProperty(globalThis, name);
}
