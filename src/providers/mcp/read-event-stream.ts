/** One event of a `text/event-stream`. */
export type StreamEvent = {
  /** `message` where the server named none. */
  readonly event: string;
  readonly data: string;
};

/**
 * The events of a server-sent event stream, as the HTML standard parses them. An event beyond
 * `sizeCharactersMax` ends it with the error that `tooLarge` makes, so that no server can fill the memory.
 */
export async function* readEventStream(
  chunks: AsyncIterable<Uint8Array>,
  limit: { readonly sizeCharactersMax: number; readonly tooLarge: () => Error },
): AsyncGenerator<StreamEvent> {
  let event = "";
  let data: string[] = [];
  let sizeCharacters = 0;
  for await (const line of readLines(chunks, limit)) {
    if (line === "") {
      if (data.length > 0) yield { event: event === "" ? "message" : event, data: data.join("\n") };
      event = "";
      data = [];
      sizeCharacters = 0;
      continue;
    }
    sizeCharacters += line.length;
    if (sizeCharacters > limit.sizeCharactersMax) throw limit.tooLarge();
    const [name, value] = splitField(line);
    if (name === "event") event = value;
    if (name === "data") data.push(value);
  }
}

/** A line that begins with a colon is a comment: a field without a name. */
function splitField(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon === -1) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}

const LINE_END = /\r\n|\n|\r(?!$)/; // a CR at the end may be half of a CRLF

async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  limit: { readonly sizeCharactersMax: number; readonly tooLarge: () => Error },
): AsyncGenerator<string> {
  const decoder = new TextDecoder(); // it removes a byte order mark
  let parts: string[] = [];
  let sizeCharacters = 0;
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    sizeCharacters += text.length;
    if (!/[\r\n]/.test(text) && parts.at(-1)?.endsWith("\r") !== true) {
      if (sizeCharacters > limit.sizeCharactersMax) throw limit.tooLarge();
      parts.push(text); // joined once, or a long line in small chunks would cost its square
      continue;
    }
    const lines = [...parts, text].join("").split(LINE_END);
    const rest = lines.pop() ?? "";
    yield* lines;
    parts = rest === "" ? [] : [rest];
    sizeCharacters = rest.length;
  }
}
