/** What a server is sent as `Authorization`. */
export type Authorization = {
  /** Null: none is sent. */
  readonly get: (signal: AbortSignal) => Promise<string | null>;
  /** Another one after the server has refused this one; null where there is none. */
  readonly renew: (refused: string | null, signal: AbortSignal) => Promise<string | null>;
};

/** One that stays as it is: a bearer token, or nothing at all. */
export function fixedAuthorization(header: string | null): Authorization {
  return { get: () => Promise.resolve(header), renew: () => Promise.resolve(null) };
}
