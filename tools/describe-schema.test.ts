import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#store/database.ts";
import { openDatabase } from "#store/open-database.ts";
import { describeSchema } from "./describe-schema.ts";
import { generateDatabaseTypes } from "./generate-database-types.ts";

let database: Database;

beforeAll(async () => {
  database = await openDatabase({ kind: "memory" });
  await database.asOwner(async (db) => {
    await sql
      .raw(
        `create role reader; create role keeper;
        create table pets (
          id bigint generated always as identity primary key,
          name text not null check (name <> ''),
          kind text not null default 'cat' check (kind in ('cat', 'dog')),
          mood text check (mood in ('good', 'bad'))
        );
        create index pets_name on pets (name) where kind = 'dog';
        alter table pets enable row level security;
        alter table pets force row level security;
        create policy own_pets on pets for select to reader using (name = current_user);
        grant select, insert on pets to reader;
        create function count_pets() returns bigint language sql stable security definer
          as 'select count(*) from pets';
        revoke all on function count_pets() from public;
        alter function count_pets() owner to keeper;
        create view dogs with (security_invoker = true) as select name from pets where kind = 'dog';`,
      )
      .execute(db);
  });
}, 60_000);

afterAll(() => database.close());

test("the dump shows all that a reviewer must see of a table", async () => {
  const dump = await database.asOwner(describeSchema);
  expect(dump).toContain(`create table pets (
  id bigint not null generated always as identity,
  name text not null,
  kind text not null default 'cat'::text,
  mood text,
  constraint pets_pkey PRIMARY KEY (id),
  constraint pets_kind_check CHECK ((kind = ANY (ARRAY['cat'::text, 'dog'::text]))),
  constraint pets_mood_check CHECK ((mood = ANY (ARRAY['good'::text, 'bad'::text]))),
  constraint pets_name_check CHECK ((name <> ''::text))
);
CREATE INDEX pets_name ON public.pets USING btree (name) WHERE (kind = 'dog'::text);
alter table pets enable row level security;
alter table pets force row level security;
create policy own_pets on pets for select to reader using ((name = CURRENT_USER));
grant insert, select on pets to reader;`);
});

test("the dump shows who owns a function and who may call it", async () => {
  const dump = await database.asOwner(describeSchema);
  expect(dump).toContain("CREATE OR REPLACE FUNCTION public.count_pets()");
  expect(dump).toContain("SECURITY DEFINER");
  expect(dump).toContain("alter routine count_pets() owner to keeper;");
  expect(dump).toContain("revoke all on routine count_pets() from public;");
});

test("the dump shows views with their options", async () => {
  expect(await database.asOwner(describeSchema)).toContain(
    "create view dogs with (security_invoker=true) as\n SELECT name",
  );
});

test("a column whose check lists its values has exactly these as its type", async () => {
  const types = await database.asOwner(generateDatabaseTypes);
  expect(types).toContain('kind: Generated<"cat" | "dog">;');
  expect(types).toContain('mood: "good" | "bad" | null;');
  expect(types).toContain("  name: string;");
});
