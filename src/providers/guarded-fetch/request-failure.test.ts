import { expect, test } from "vitest";
import { explainRequestFailure } from "./request-failure.ts";

const errorOf = (code: string, syscall?: string) =>
  Object.assign(new Error(code), { code, ...(syscall === undefined ? {} : { syscall }) });

test.each([
  ["ECONNREFUSED", "connect"],
  ["EHOSTUNREACH", "connect"],
  ["ETIMEDOUT", "connect"],
  ["EAI_AGAIN", "getaddrinfo"],
  ["ENOTFOUND", "getaddrinfo"],
  ["UND_ERR_CONNECT_TIMEOUT", undefined],
  ["CERT_HAS_EXPIRED", undefined],
  ["ERR_TLS_CERT_ALTNAME_INVALID", undefined],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", undefined],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", undefined],
])("nothing was sent where %s comes of %s", (code, syscall) => {
  const cause = errorOf(code, syscall);
  for (const error of [cause, new AggregateError([cause]), new Error("failed", { cause })])
    expect(explainRequestFailure(error)).toMatchObject({ code: "TOOL_UNAVAILABLE" });
});

test.each([
  ["EHOSTUNREACH", "read"],
  ["ENETUNREACH", "write"],
  ["ECONNRESET", "read"],
  ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", undefined],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", undefined],
  ["UND_ERR_SOCKET", undefined],
])("the request may have arrived where %s comes of %s", (code, syscall) => {
  expect(explainRequestFailure(errorOf(code, syscall))).toMatchObject({
    code: "TOOL_OUTCOME_UNKNOWN",
  });
});
