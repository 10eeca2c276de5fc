import { z } from "zod";

/** What a Graph call can be made to suffer; the names say what the caller sees. */
export const graphFaultSchema = z.enum([
  "number-rate-limit",
  "pair-rate-limit",
  "server-error",
  "unavailable",
  "drop-before",
  "drop-after",
  "invalid-token",
]);
export type GraphFault = z.infer<typeof graphFaultSchema>;

/** What a model call can be made to suffer. */
export const modelFaultSchema = z.enum([
  "rate-limit",
  "invalid-key",
  "server-error",
  "hang",
  "drop",
  "garbage",
  "empty",
]);
export type ModelFault = z.infer<typeof modelFaultSchema>;

/** What the fetch of a customer's file can be made to suffer. */
export const mediaFaultSchema = z.enum([
  "expired-address",
  "foreign-address",
  "server-error",
  "altered",
]);
export type MediaFault = z.infer<typeof mediaFaultSchema>;

const graphSchema = z.strictObject({
  /** Time before each answer, in milliseconds. */
  delayMs: z.int().min(0).max(120_000).default(0),
  /** One is consumed by each call, in this order. */
  next: z.array(graphFaultSchema).default([]),
  /** Every call suffers this. */
  always: graphFaultSchema.nullable().default(null),
  /** Probability (0 to 1) that a call suffers one of `chanceOf`. */
  chance: z.number().min(0).max(1).default(0),
  chanceOf: z.array(graphFaultSchema).default([]),
  /** Read marks are spared by default, so that `next` hits the message it is meant for. */
  appliesTo: z.enum(["messages", "everything"]).default("messages"),
});

const mediaSchema = z.strictObject({
  /** One is consumed by each file's address that is asked for, in this order. */
  next: z.array(mediaFaultSchema).default([]),
  /** Every fetch suffers this. */
  always: mediaFaultSchema.nullable().default(null),
  /** Probability (0 to 1) that a fetch suffers one of `chanceOf`. */
  chance: z.number().min(0).max(1).default(0),
  chanceOf: z.array(mediaFaultSchema).default([]),
});

const statusesSchema = z.strictObject({
  /** No status webhook at all. */
  none: z.boolean().default(false),
  duplicate: z.boolean().default(false),
  /** read, delivered, sent instead of sent, delivered, read. */
  reordered: z.boolean().default(false),
  /** The statuses arrive before the HTTP answer of the send call. */
  beforeResponse: z.boolean().default(false),
  withoutCallbackData: z.boolean().default(false),
  /** Every message ends `failed` with this error code of Meta (for example 131026). */
  failWith: z.int().nullable().default(null),
});

const webhooksSchema = z.strictObject({
  /** Extra copies of every delivery, sent at the same time. */
  duplicates: z.int().min(0).max(50).default(0),
  /** Pairs of deliveries are swapped. */
  reordered: z.boolean().default(false),
});

const modelsSchema = z.strictObject({
  delayMs: z.int().min(0).max(120_000).default(0),
  next: z.array(modelFaultSchema).default([]),
  always: modelFaultSchema.nullable().default(null),
  chance: z.number().min(0).max(1).default(0),
  chanceOf: z.array(modelFaultSchema).default([]),
});

const faultsSchema = z.strictObject({
  graph: graphSchema.prefault({}),
  media: mediaSchema.prefault({}),
  statuses: statusesSchema.prefault({}),
  webhooks: webhooksSchema.prefault({}),
  models: modelsSchema.prefault({}),
});

/** All fault switches with their present positions. */
export type FaultSettings = z.infer<typeof faultsSchema>;

/** A change of some switches; what is not named stays. */
export type FaultPatch = {
  readonly [Area in keyof FaultSettings]?: Partial<FaultSettings[Area]> | undefined;
};

/** The switchboard. */
export type Faults = {
  readonly current: () => FaultSettings;
  /** Merges the change; throws a ZodError for a value or name that does not exist. */
  readonly set: (patch: unknown) => FaultSettings;
  readonly clear: () => FaultSettings;
  readonly takeGraphFault: () => GraphFault | undefined;
  readonly takeModelFault: () => ModelFault | undefined;
  readonly takeMediaFault: () => MediaFault | undefined;
};

/** What the switchboard needs: a source of chance (0 to 1) and somebody to tell of changes. */
export type FaultsDeps = {
  readonly random: () => number;
  readonly onChange: (faults: FaultSettings) => void;
};

/** Starts with every fault off. */
export function createFaults(deps: FaultsDeps): Faults {
  let current = faultsSchema.parse({});
  const change = (next: FaultSettings) => {
    current = next;
    deps.onChange(current);
    return current;
  };
  const take = <Fault extends string>(area: {
    next: Fault[];
    always: Fault | null;
    chance: number;
    chanceOf: Fault[];
  }): Fault | undefined => {
    const queued = area.next.shift();
    if (queued !== undefined) {
      deps.onChange(current);
      return queued;
    }
    if (area.always !== null) return area.always;
    if (area.chance === 0 || deps.random() >= area.chance) return undefined;
    return area.chanceOf[Math.floor(deps.random() * area.chanceOf.length)];
  };
  return {
    current: () => current,
    set: (patch) => change(faultsSchema.parse(merge(current, patch))),
    clear: () => change(faultsSchema.parse({})),
    takeGraphFault: () => take(current.graph),
    takeModelFault: () => take(current.models),
    takeMediaFault: () => take(current.media),
  };
}

function merge(current: FaultSettings, patch: unknown): unknown {
  const areas = z.record(z.string(), z.record(z.string(), z.unknown())).parse(patch);
  const merged: Record<string, unknown> = structuredClone(current);
  for (const [area, switches] of Object.entries(areas)) {
    merged[area] = {
      ...z.record(z.string(), z.unknown()).catch({}).parse(merged[area]),
      ...switches,
    };
  }
  return merged;
}
