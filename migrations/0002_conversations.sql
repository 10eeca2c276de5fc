-- People, what was said, what was sent, and what Meta told us.
--
-- Foreign keys include the tenant. What they refer to is unique in (id, organization_id), in this order: an
-- index that begins with the organization would look as good as any to a plan that is made while the
-- table is small, since row-level security compares it, and would later read all rows of the tenant.
--
-- Which values a column of the hot path may hold is said by its domain and not by a check of the table:
-- PostgreSQL parses a table's checks anew for each statement that writes, which for the tables of a turn
-- costs as much as one of its statements. The check of a domain is kept.

create domain conversation_status as text check (value in ('bot', 'human', 'merged'));
create domain message_direction as text check (value in ('inbound', 'outbound'));
create domain message_author as text check (value in ('customer', 'bot', 'human', 'system'));
create domain outbound_state as text check (value in ('pending', 'sending', 'sent', 'failed'));
create domain webhook_outcome as text check (value in ('accepted', 'recorded', 'unrouted', 'failed'));

-- A person on WhatsApp, as one chatbot knows them. Since 2026 a person may have no phone number in a
-- webhook, only a business-scoped user id; both may be known and both may change.
create table contacts (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  phone text check (phone ~ '^[0-9]+$'),
  user_id text,
  parent_user_id text,
  username text,
  profile_name text,
  attributes jsonb not null default '{}',
  -- what the person writes in: a BCP 47 tag such as pt or hi-Latn; null: not known yet
  language text check (language <> ''),
  opted_out_at timestamptz,
  -- set when the person turned out to be another contact too; all else lives there
  merged_into uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, organization_id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, merged_into) references contacts (organization_id, id) on delete cascade
);
create unique index contacts_phone on contacts (phone, chatbot_id) where merged_into is null;
create unique index contacts_user_id on contacts (user_id, chatbot_id) where merged_into is null;
create index contacts_chatbot on contacts (chatbot_id);
create index contacts_merged_into on contacts (merged_into) where merged_into is not null;
create trigger contacts_touch before update on contacts
  for each row execute function touch_updated_at();
call isolate_tenants('contacts');

-- The thread with one person. While a human has it (`paused_until` in the future, or `human` without
-- an end) the bot records and stays silent (docs/operate/handoff.md).
create table conversations (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  contact_id uuid not null unique,
  status conversation_status not null default 'bot',
  paused_at timestamptz,
  paused_until timestamptz,
  -- `handoff` (nobody has written yet), `phone app` (a colleague has) or `operator`
  paused_reason text,
  -- the person knows of the pause, so they are told of its end too
  pause_announced boolean not null default false,
  -- the end of the last pause
  bot_since timestamptz,
  last_inbound_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, organization_id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete cascade
) with (fillfactor = 80); -- each message updates last_inbound_at, which is in no index
create index conversations_chatbot on conversations (chatbot_id);
create index conversations_pause_ends on conversations (paused_until) where status = 'human';
create trigger conversations_touch before update on conversations
  for each row execute function touch_updated_at();
call isolate_tenants('conversations');

-- History, both directions, in the order in which we learned of it (ids are ordered by time).
create table messages (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  direction message_direction not null,
  author message_author not null,
  type text not null,
  content text not null default '',
  data jsonb not null default '{}',
  tool_calls jsonb,
  whatsapp_message_id text,
  replies_to text,
  turn_id uuid,
  -- of an answer: the version of the chatbot's instructions that it was made from
  prompt_version integer,
  -- whether there is anything in it that a bot could answer
  wants_answer boolean not null default false,
  -- Meta's time for inbound messages, ours for outbound ones
  sent_at timestamptz not null,
  edited_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  unique (id, organization_id),
  foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade
);
-- the lock against redelivery: one row for each message of Meta, whatever happens at the same time
create unique index messages_whatsapp_id on messages (chatbot_id, whatsapp_message_id);
create index messages_conversation on messages (conversation_id, id desc);
call isolate_tenants('messages');

-- The file of a message: what became of it, and what it says. The bytes are in the object storage under
-- storage_key, for a limited time. One row for each message, so that no file is fetched or paid for twice.
--   stored   its bytes are kept; `reason` says why there are no words of it, where there should be some
--   read     its words are known: a transcript (in messages.content, too) or the text of a document
--   failed   it could not be had; `reason` says why
--   expired  it was had, and is not kept any longer
create table message_media (
  message_id uuid primary key,
  organization_id uuid not null,
  kind text not null check (kind in ('image', 'audio', 'video', 'document', 'sticker')),
  status text not null check (status in ('stored', 'read', 'failed', 'expired')),
  reason text,
  mime_type text,
  size_bytes integer check (size_bytes >= 0),
  -- hex, of the bytes
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_key text,
  text text,
  -- whether the text is only the beginning
  is_cut boolean not null default false,
  duration_ms integer check (duration_ms >= 0),
  -- what reading it took: the model, and its tokens
  model text,
  tokens integer check (tokens >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (organization_id, message_id) references messages (organization_id, id) on delete cascade
);
create index message_media_kept on message_media (created_at) where storage_key is not null;
create trigger message_media_touch before update on message_media
  for each row execute function touch_updated_at();
call isolate_tenants('message_media');

-- Files that nothing refers to any more: their row went (with its message, conversation, contact, chatbot
-- or organization) or they are past their days. The maintenance removes them from the object storage.
create table obsolete_media (
  storage_key text primary key,
  created_at timestamptz not null default now()
);
grant select, insert, delete on obsolete_media to parley_system;

create function queue_media_removal() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into obsolete_media (storage_key) values (old.storage_key) on conflict do nothing;
  return null;
end $$;
alter function queue_media_removal() owner to parley_system;
revoke execute on function queue_media_removal() from public;
create trigger message_media_removed after delete on message_media
  for each row when (old.storage_key is not null) execute function queue_media_removal();
create trigger message_media_expired after update of storage_key on message_media
  for each row when (old.storage_key is not null and new.storage_key is distinct from old.storage_key)
  execute function queue_media_removal();

-- The intent to send, stored before the call to WhatsApp, which knows no idempotency key. `id` travels
-- as biz_opaque_callback_data, so that a status webhook can settle an unknown outcome.
--   pending  not handed over, or refused and to be tried again
--   sending  handed over; the answer is not known yet (after a crash: unknown)
--   sent, failed  known
create table outbound_messages (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  turn_id uuid not null,
  position integer not null,
  content jsonb not null,
  state outbound_state not null,
  attempts integer not null default 0,
  whatsapp_message_id text,
  error_code text,
  meta_error_code integer,
  handed_over_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  unique (turn_id, position),
  foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade
);
create index outbound_messages_open on outbound_messages (handed_over_at) where state = 'sending';
create index outbound_messages_conversation on outbound_messages (conversation_id);
call isolate_tenants('outbound_messages');

-- The furthest step of delivery that Meta reported of one of our messages. A table of its own, since a
-- status may come before the send has returned its id, and for messages that others sent.
create table delivery_statuses (
  organization_id uuid not null,
  chatbot_id uuid not null,
  whatsapp_message_id text not null,
  status text not null check (status in ('sent', 'delivered', 'read', 'played', 'failed')),
  rank integer not null generated always as (
    case status when 'sent' then 1 when 'delivered' then 2 when 'read' then 3 when 'played' then 4 else 5 end
  ) stored,
  meta_error_code integer,
  error_title text,
  pricing_category text,
  billable boolean,
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (chatbot_id, whatsapp_message_id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
);
call isolate_tenants('delivery_statuses');

-- What Meta delivered, a row for each change, as received; kept for a week (maintenance removes it).
-- Changes for numbers that nobody has registered have no organization.
create table webhook_events (
  id uuid primary key default uuid_v7(),
  organization_id uuid,
  chatbot_id uuid,
  phone_number_id text,
  field text not null,
  outcome webhook_outcome not null,
  error_code text,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
);
create index webhook_events_created on webhook_events (created_at);
create index webhook_events_organization on webhook_events (organization_id, created_at);
call isolate_tenants('webhook_events');

-- Everybody's number leads to one chatbot. Runs before a tenant is known, hence as parley_system.
create function route_phone_number(p_phone_number_id text)
returns table (organization_id uuid, chatbot_id uuid, sealed_app_secret text)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return query select c.organization_id, c.id, c.whatsapp_app_secret from chatbots c
    where c.whatsapp_phone_number_id = p_phone_number_id;
end $$;
alter function route_phone_number(text) owner to parley_system;
revoke execute on function route_phone_number(text) from public;
grant execute on function route_phone_number(text) to parley_app;

-- A change that belongs to no chatbot is kept all the same, for the operator.
create function record_unrouted_change(p_phone_number_id text, p_field text, p_payload jsonb)
returns void language sql volatile security definer set search_path = public, pg_temp as $$
  insert into webhook_events (phone_number_id, field, outcome, payload)
  values (p_phone_number_id, p_field, 'unrouted', p_payload)
$$;
alter function record_unrouted_change(text, text, jsonb) owner to parley_system;
revoke execute on function record_unrouted_change(text, text, jsonb) from public;
grant execute on function record_unrouted_change(text, text, jsonb) to parley_app;
