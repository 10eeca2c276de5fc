import { expect, test } from "vitest";
import { formatTable, maskRow } from "./table-sample.ts";

const columns = [
  { name: "id", type: "uuid", isNullable: false },
  { name: "name", type: "text", isNullable: false },
  { name: "status", type: "text", isNullable: false },
  { name: "whatsapp_access_token", type: "text", isNullable: false },
  { name: "content", type: "text", isNullable: true },
  { name: "data", type: "jsonb", isNullable: true },
];
const row = {
  id: "1",
  name: "Ana",
  status: "bot",
  whatsapp_access_token: "v1.secret",
  content: "private",
  data: { phone: "15550100001" },
};

test("secrets, texts and data are masked; words of ours are not", () => {
  expect(maskRow({ table: "contacts", columns }, row)).toEqual({
    id: "1",
    name: "‹3 characters›",
    status: "bot",
    whatsapp_access_token: "‹9 characters›",
    content: "‹7 characters›",
    data: "‹object›",
  });
  expect(maskRow({ table: "chatbots", columns }, row)).toMatchObject({ name: "Ana" });
});

test("a column that is new is masked until somebody says that it is harmless", () => {
  const table = { table: "x", columns: [{ name: "novel", type: "text", isNullable: true }] };
  expect(maskRow(table, { novel: "hello" })).toEqual({ novel: "‹5 characters›" });
});

test("a table is shown with its columns and rows", () => {
  const sample = [maskRow({ table: "contacts", columns }, row)];
  const text = formatTable({ table: "contacts", rows: 1, columns, sample });
  expect(text).toContain("contacts (1 row)");
  expect(text).toMatch(/id +uuid not null/);
  expect(text).toContain("1. id=1, name=‹3 characters›");
});
