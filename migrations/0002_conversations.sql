-- People, what was said, what was sent, and what Meta told us.
--
-- Foreign keys include the tenant. What they refer to is unique in (id, organization_id), in this order: an
-- index that begins with the organization would look as good as any to a plan that is made while the
-- table is small, since row-level security compares it, and would later read all rows of the tenant.

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
  language text,
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
-- an end) the bot records and stays silent.
create table conversations (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  contact_id uuid not null unique,
  status text not null default 'bot' check (status in ('bot', 'human', 'merged')),
  paused_until timestamptz,
  paused_reason text,
  last_inbound_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (id, organization_id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, contact_id) references contacts (organization_id, id) on delete cascade
) with (fillfactor = 80); -- each message updates last_inbound_at, which is in no index
create index conversations_chatbot on conversations (chatbot_id);
create trigger conversations_touch before update on conversations
  for each row execute function touch_updated_at();
call isolate_tenants('conversations');

-- History, both directions, in the order in which we learned of it (ids are ordered by time).
create table messages (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  direction text not null check (direction in ('inbound', 'outbound')),
  author text not null check (author in ('customer', 'bot', 'human', 'system')),
  type text not null,
  content text not null default '',
  data jsonb not null default '{}',
  tool_calls jsonb,
  whatsapp_message_id text,
  replies_to text,
  turn_id uuid,
  -- of an answer: the version of the chatbot's instructions that it was made from
  prompt_version integer,
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
  state text not null check (state in ('pending', 'sending', 'sent', 'failed')),
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
  outcome text not null check (outcome in ('accepted', 'recorded', 'unrouted', 'failed')),
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
