-- Roles, the tenant door, and the tenants themselves.
--
-- Two group roles, neither of which owns a table:
--   parley_app     what the program runs as. It sees a tenant's rows only in a transaction that has
--                  said which tenant: set_config('app.organization_id', …, true). Otherwise every
--                  tenant table is empty.
--   parley_system  owns the few functions that must look across tenants (route a phone number,
--                  claim mailboxes) and serves the operator's commands.
-- Whoever migrates becomes a member of both, so that one login is enough for a small installation;
-- a larger one gives the program a login of its own (docs/operate/postgresql.md).
do $$
declare
  role_name text;
begin
  foreach role_name in array array['parley_app', 'parley_system'] loop
    -- Roles belong to the whole server: another database of it may have made them, before or just now.
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
    -- making a role gives its maker the right to grant it, not yet to act as it
    if not (pg_has_role(current_user, role_name, 'set') and pg_has_role(current_user, role_name, 'usage')) then
      execute format('grant %I to current_user', role_name);
    end if;
  end loop;
end $$;

grant usage on schema public to parley_app, parley_system;
grant create on schema public to parley_system;

create extension if not exists vector;

-- UUIDv7: unique anywhere, ordered by time, to the microsecond: the twelve bits behind the milliseconds
-- hold their fraction (RFC 9562, method 3), so that what one transaction inserts keeps its order.
-- PostgreSQL 17 has no uuidv7() of its own. Where the clock knows only milliseconds (app.clock, set by the
-- embedded database, which has one connection), the bits count.
create sequence uuid_v7_count;
grant usage, update on sequence uuid_v7_count to parley_app, parley_system;
create function uuid_v7() returns uuid language sql volatile as $$
  select (
    overlay(
      lpad(to_hex(case
        when current_setting('app.clock', true) = 'milliseconds'
          then setval('uuid_v7_count', greatest(
            nextval('uuid_v7_count'), (extract(epoch from clock_timestamp()) * 1000)::bigint * 4096))
        else (extract(epoch from clock_timestamp()) * 1000000)::bigint * 512 / 125
      end), 15, '0')
        placing '7' from 13 for 0)
    || right(encode(uuid_send(gen_random_uuid()), 'hex'), 16))::uuid
$$;

create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

-- Every table with an organization_id calls this once: row-level security, forced, with the tenant's
-- policy and the system's. Where queries read many rows, the tenant stands in a sub-select, which is
-- evaluated once a query and not once a row (measured: half the cost of a search). Where they read few,
-- setting up the sub-select costs more than it saves (measured: a twentieth of a message).
create procedure isolate_tenants(
  target regclass, tenant_column text default 'organization_id', queries_read text default 'few rows'
) language plpgsql as $$
declare
  tenant text := 'nullif(current_setting(''app.organization_id'', true), '''')::uuid';
begin
  if queries_read = 'many rows' then
    tenant := format('(select %s)', tenant);
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant_rows on %s to parley_app using (%I = %s)', target, tenant_column, tenant);
  execute format('create policy system_rows on %s to parley_system using (true)', target);
  execute format('grant select, insert, update, delete on %s to parley_app, parley_system', target);
end $$;

create table organizations (
  id uuid primary key default uuid_v7(),
  name text not null check (name <> ''),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]*$'),
  logo text,
  metadata text,
  message_limit_monthly integer not null default 1000 check (message_limit_monthly > 0),
  token_limit_monthly bigint not null default 5000000 check (token_limit_monthly > 0),
  billing_period_start timestamptz not null default date_trunc('month', now()),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create trigger organizations_touch before update on organizations
  for each row execute function touch_updated_at();
call isolate_tenants('organizations', 'id');

-- An AI agent that answers on one WhatsApp number. Secrets are sealed (docs/adr/0006): a stolen dump
-- holds no usable token.
create table chatbots (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null references organizations on delete cascade,
  name text not null check (name <> ''),
  whatsapp_phone_number_id text not null unique check (whatsapp_phone_number_id <> ''),
  whatsapp_access_token text not null,
  -- null: the platform's WHATSAPP_APP_SECRET signs this number's webhooks
  whatsapp_app_secret text,
  -- what the published instructions say; written here, it becomes a version of them (below)
  system_prompt text not null default '',
  published_prompt_id uuid,
  model text not null,
  fallback_model text,
  -- said when no answer can be made; null: Parley's own sentence, in the customer's language
  failure_message text check (failure_message <> ''),
  -- how long to wait for more messages of a burst before answering, and how much of the past to read
  reply_delay_ms integer not null default 1200 check (reply_delay_ms between 0 and 60000),
  history_token_budget integer not null default 3000 check (history_token_budget between 0 and 100000),
  settings jsonb not null default '{}',
  is_active boolean not null default true,
  disabled_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
create trigger chatbots_touch before update on chatbots
  for each row execute function touch_updated_at();
call isolate_tenants('chatbots');

-- What a chatbot is told, in versions. Of each chatbot one version is published, at most one is a draft,
-- and the others were published before. What was published once never changes: answers name its number.
create table prompt_versions (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  number integer not null check (number > 0),
  status text not null check (status in ('draft', 'published', 'archived')),
  -- src/domain/prompt-content.ts; what is missing has its default
  content jsonb not null check (jsonb_typeof(content) = 'object'),
  author text not null,
  note text not null default '',
  -- when it became the published one, the last time
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (chatbot_id, number),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
);
create unique index prompt_versions_published on prompt_versions (chatbot_id) where status = 'published';
create unique index prompt_versions_draft on prompt_versions (chatbot_id) where status = 'draft';
create trigger prompt_versions_touch before update on prompt_versions
  for each row execute function touch_updated_at();
call isolate_tenants('prompt_versions');
revoke delete on prompt_versions from parley_app;

alter table chatbots add constraint chatbots_published_prompt_id_fkey
  foreign key (organization_id, published_prompt_id) references prompt_versions (organization_id, id);
create index chatbots_published_prompt on chatbots (published_prompt_id);

create function keep_published_prompt() returns trigger language plpgsql as $$
begin
  raise exception 'Version % has been published and cannot be changed any more', old.number
    using errcode = 'check_violation';
end $$;
create trigger prompt_versions_keep before update of content, number, chatbot_id on prompt_versions
  for each row when (old.status <> 'draft' and (new.content, new.number, new.chatbot_id)
    is distinct from (old.content, old.number, old.chatbot_id))
  execute function keep_published_prompt();

-- The one place where instructions go into effect. Whoever points the chatbot at a version publishes it,
-- and its system_prompt follows; whoever writes system_prompt makes and publishes a version that differs
-- from the present one in nothing else. `app.author` may say who it is.
create function publish_prompt() returns trigger language plpgsql as $$
begin
  if new.published_prompt_id is not distinct from old.published_prompt_id then
    insert into prompt_versions (organization_id, chatbot_id, number, status, content, author)
    select new.organization_id, new.id, coalesce(max(v.number), 0) + 1, 'archived',
      coalesce((array_agg(v.content) filter (where v.status = 'published'))[1], '{}')
        || jsonb_build_object('systemPrompt', new.system_prompt),
      coalesce(nullif(current_setting('app.author', true), ''), session_user)
    from prompt_versions v where v.chatbot_id = new.id
    returning id into new.published_prompt_id;
  end if;
  update prompt_versions set status = 'archived' where chatbot_id = new.id and status = 'published';
  update prompt_versions set status = 'published', published_at = now()
  where id = new.published_prompt_id and chatbot_id = new.id
  returning coalesce(content ->> 'systemPrompt', '') into new.system_prompt;
  if not found then
    raise exception 'This is no version of the chatbot''s instructions' using errcode = 'foreign_key_violation';
  end if;
  return new;
end $$;
create trigger chatbots_prompt before update of system_prompt, published_prompt_id on chatbots
  for each row when (new.system_prompt is distinct from old.system_prompt
    or new.published_prompt_id is distinct from old.published_prompt_id)
  execute function publish_prompt();

-- Version 1 comes with the chatbot.
create function start_prompt() returns trigger language plpgsql as $$
declare
  v_id uuid;
begin
  insert into prompt_versions (organization_id, chatbot_id, number, status, content, author)
  values (new.organization_id, new.id, 1, 'archived', jsonb_build_object('systemPrompt', new.system_prompt),
    coalesce(nullif(current_setting('app.author', true), ''), session_user))
  returning id into v_id;
  update chatbots set published_prompt_id = v_id where id = new.id;
  return null;
end $$;
create trigger chatbots_first_prompt after insert on chatbots
  for each row execute function start_prompt();

-- A sealed known text: a process with the wrong key ring finds out at start, not at the first answer.
create table key_ring_check (
  singleton boolean primary key default true check (singleton),
  sealed text not null
);
grant select, insert, update on key_ring_check to parley_app, parley_system;
