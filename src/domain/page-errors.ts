/** Why a page cannot be fetched by its address, and why a stored original cannot be reached. */
export const PAGE_ERRORS = {
  PAGE_ADDRESS_REFUSED: {
    status: 422,
    retryable: false,
    explanation:
      "The address is none that Parley fetches: not http or https, an unusual port, or not on the public internet.",
  },
  PAGE_GONE: {
    status: 422,
    retryable: false,
    explanation: "The page's server says that there is no such page, or there is no such server.",
  },
  PAGE_REFUSED: {
    status: 422,
    retryable: false,
    explanation: "The page's server does not give the page to anybody who has not signed in.",
  },
  PAGE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation: "The page's server does not answer, or answers with a failure of its own.",
  },
  PAGE_TOO_SLOW: {
    status: 503,
    retryable: true,
    explanation: "The page did not arrive within the time limit.",
  },
  PAGE_TOO_LARGE: {
    status: 422,
    retryable: false,
    explanation: "The page is larger than a document may be.",
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation:
      "The folder or the S3 server that keeps the originals of documents does not answer.",
  },
} as const;
