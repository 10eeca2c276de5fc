/** Why a tool cannot be used, or why a call of it brought nothing. */
export const TOOL_ERRORS = {
  TOOL_MISCONFIGURED: {
    status: 422,
    retryable: false,
    explanation:
      "The settings of an integration, or of a chatbot's use of it, make no sense; the message names what.",
  },
  TOOL_ARGUMENTS_INVALID: {
    status: 422,
    retryable: false,
    explanation: "The model called a tool with arguments that its parameters do not allow.",
  },
  TOOL_CREDENTIALS_REFUSED: {
    status: 422,
    retryable: false,
    explanation: "The server behind a tool does not accept the integration's credentials.",
  },
  TOOL_UNAVAILABLE: {
    status: 503,
    retryable: true,
    explanation: "The server behind a tool does not answer, or answers with a failure of its own.",
  },
  TOOL_REQUEST_REJECTED: {
    status: 422,
    retryable: false,
    explanation: "The server behind a tool refused what it was asked.",
  },
  TOOL_RESULT_TOO_LARGE: {
    status: 422,
    retryable: false,
    explanation: "A tool answered with more than Parley reads.",
  },
  TOOL_TIMEOUT: {
    status: 503,
    retryable: true,
    explanation: "A tool gave no answer within its time limit.",
  },
  TOOL_OUTCOME_UNKNOWN: {
    status: 503,
    retryable: false,
    explanation:
      "A call of a tool that may change something ended without an answer; it is not made again.",
  },
} as const;
