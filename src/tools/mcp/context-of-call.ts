import type { CallContext } from "#providers/mcp/call-context.ts";
import { readCallerFields } from "#tools/http/caller-fields.ts";
import type { ToolCaller } from "#tools/tool-source.ts";
import type { McpSettings } from "./read-mcp-settings.ts";

/** Prefix of the keys of `_meta`, as the protocol wants it; it names who wrote them, not an address. */
const META_PREFIX = "parley/";
const HEADER_PREFIX = "x-parley-";

/**
 * For whom a tool is called, where its server looks for it: `_meta["parley/contact.phone"]`, or the
 * header `X-Parley-Contact-Phone`, percent-encoded. What is not known of a contact is left out.
 */
export function contextOfCall(
  passIdentity: McpSettings["pass_identity"],
  caller: ToolCaller,
): CallContext {
  const known = Object.entries(readCallerFields(caller)).filter(
    (field): field is [string, string] => field[1] !== null,
  );
  return {
    meta:
      passIdentity === "meta"
        ? Object.fromEntries(known.map(([name, value]) => [META_PREFIX + name, value]))
        : {},
    headers:
      passIdentity === "headers"
        ? Object.fromEntries(
            known.map(([name, value]) => [
              HEADER_PREFIX + name.replaceAll(/[._]/g, "-"),
              encodeURIComponent(value),
            ]),
          )
        : {},
  };
}
