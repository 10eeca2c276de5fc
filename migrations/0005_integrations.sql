-- Tools: two rows make one (an integration of the organization, given to a chatbot), no code changes.

create table org_integrations (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null references organizations on delete cascade,
  provider text not null check (provider in ('builtin', 'mcp', 'windmill', 'http')),
  -- models call tools by name, and this is what providers allow
  name text not null check (name ~ '^[a-zA-Z0-9_-]{1,64}$'),
  description text not null default '',
  -- each value sealed (docs/adr/0006)
  credentials jsonb not null default '{}' check (jsonb_typeof(credentials) = 'object'),
  settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  is_active boolean not null default true,
  -- what the last contact with it showed
  checked_at timestamptz,
  error_code text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, name)
);
create trigger org_integrations_touch before update on org_integrations
  for each row execute function touch_updated_at();
call isolate_tenants('org_integrations');

create table chatbot_integrations (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  integration_id uuid not null,
  enabled boolean not null default true,
  -- parameters as a JSON schema, bound arguments, allow-list, needs confirmation, …
  tool_config jsonb not null default '{}' check (jsonb_typeof(tool_config) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (chatbot_id, integration_id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, integration_id) references org_integrations (organization_id, id) on delete cascade
);
create index chatbot_integrations_integration on chatbot_integrations (integration_id);
create trigger chatbot_integrations_touch before update on chatbot_integrations
  for each row execute function touch_updated_at();
create trigger chatbot_integrations_organization before insert on chatbot_integrations
  for each row execute function fill_organization();
call isolate_tenants('chatbot_integrations');

-- Every call of a tool. `unknown`: the process died during a call that must not be repeated.
create table tool_executions (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid,
  integration_id uuid,
  turn_id uuid,
  -- the checkpoint that holds the result; one row for it, however often the turn is resumed
  step_id text,
  tool_call_id text,
  tool_name text not null,
  tool_type text not null check (tool_type in ('builtin', 'mcp', 'windmill', 'http')),
  -- whether the call may have changed something outside
  effects text not null default 'none' check (effects in ('none', 'outside')),
  -- may hold what people wrote: {"sealed": …} or {"redacted": true}, as the tool's configuration says
  arguments jsonb not null default '{}',
  result jsonb,
  status text not null check (status in ('success', 'failed', 'timeout', 'unknown')),
  error_code text,
  error_message text,
  duration_ms integer check (duration_ms >= 0),
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (turn_id, step_id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade,
  foreign key (organization_id, integration_id) references org_integrations (organization_id, id)
    on delete set null (integration_id)
);
create index tool_executions_organization on tool_executions (organization_id, created_at desc);
create index tool_executions_chatbot on tool_executions (chatbot_id, created_at desc);
create index tool_executions_created on tool_executions (created_at);
create index tool_executions_conversation on tool_executions (conversation_id);
create index tool_executions_integration on tool_executions (integration_id) where integration_id is not null;
create trigger tool_executions_organization before insert on tool_executions
  for each row execute function fill_organization();
call isolate_tenants('tool_executions');

-- Calls that wait for the customer's yes. One for each turn that asks, and its id is the turn's: the
-- buttons of the reply name it.
create table tool_confirmations (
  id uuid primary key,
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  integration_id uuid not null,
  tool_name text not null,
  tool_call_id text not null,
  -- what the model passed, sealed
  arguments text not null,
  -- `replaced`: the model has asked for something else since
  state text not null default 'pending' check (state in ('pending', 'confirmed', 'cancelled', 'replaced')),
  answered_turn_id uuid,
  expires_at timestamptz not null default now() + interval '24 hours',
  created_at timestamptz not null default now(),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade,
  foreign key (organization_id, integration_id) references org_integrations (organization_id, id) on delete cascade
);
create index tool_confirmations_organization on tool_confirmations (organization_id);
create index tool_confirmations_chatbot on tool_confirmations (chatbot_id);
create index tool_confirmations_conversation on tool_confirmations (conversation_id);
create index tool_confirmations_integration on tool_confirmations (integration_id);
create index tool_confirmations_created on tool_confirmations (created_at);
call isolate_tenants('tool_confirmations');

-- Daily: what failed in the last seven days, newest first. Views see with the eyes of who asks.
create view recent_tool_failures with (security_invoker = true) as
select e.id, e.organization_id, e.chatbot_id, c.name as chatbot_name, e.tool_name, e.tool_type, e.status,
  e.error_code, e.error_message, e.duration_ms, e.turn_id, e.conversation_id, e.created_at
from tool_executions e join chatbots c on c.id = e.chatbot_id
where e.status <> 'success' and e.created_at > now() - interval '7 days'
order by e.created_at desc;

-- Weekly: how each tool of each chatbot did in the last 30 days. Times are milliseconds.
create view tool_usage_stats with (security_invoker = true) as
select e.organization_id, e.chatbot_id, c.name as chatbot_name, e.tool_name, e.tool_type,
  count(*) as total,
  count(*) filter (where e.status = 'success') as successes,
  count(*) filter (where e.status = 'failed') as failures,
  count(*) filter (where e.status = 'timeout') as timeouts,
  count(*) filter (where e.status = 'unknown') as unknowns,
  round(100.0 * count(*) filter (where e.status = 'success') / count(*), 2)::double precision as success_percent,
  avg(e.duration_ms)::double precision as duration_ms_mean,
  percentile_cont(0.95) within group (order by e.duration_ms) as duration_ms_p95,
  max(e.created_at) as last_used_at
from tool_executions e join chatbots c on c.id = e.chatbot_id
where e.created_at > now() - interval '30 days'
group by e.organization_id, e.chatbot_id, c.name, e.tool_name, e.tool_type;

grant select on recent_tool_failures, tool_usage_stats to parley_app, parley_system;
