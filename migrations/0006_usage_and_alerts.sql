-- What is used and what it may cost, what went wrong, who changed what, and the keys of machines.

create domain usage_kind as text check (
  value in ('answer', 'discarded draft', 'failed turn', 'embedding', 'transcription', 'reranking', 'test'));
create domain amount as integer check (value >= 0);
create domain large_amount as bigint check (value >= 0);
create domain currency_code as text check (value ~ '^[A-Z]{3}$');

-- What was used and what it cost. A row of kind `answer` stands for a message that the bot answered;
-- the other kinds cost something without being one, and name no chatbot but their turn or document:
-- so the specification's count of rows by chatbot is a count of messages.
create table usage_logs (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null references organizations on delete cascade,
  chatbot_id uuid,
  conversation_id uuid,
  message_id uuid,
  turn_id uuid,
  source_id uuid,
  kind usage_kind not null default 'answer',
  model text not null,
  tokens_prompt amount not null default 0,
  -- those of them that the provider had in its cache
  tokens_cached amount not null default 0,
  tokens_completion amount not null default 0,
  tokens_total amount not null default 0,
  -- length of what was transcribed, which some providers bill instead of tokens
  audio_ms amount,
  -- millionths of the currency's unit; null: the price is not known, which is not the same as free
  cost_micros large_amount,
  currency currency_code not null default 'USD',
  created_at timestamptz not null default now(),
  -- what was billed outlives what it was for
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id)
    on delete set null (chatbot_id),
  foreign key (organization_id, conversation_id) references conversations (organization_id, id)
    on delete set null (conversation_id),
  foreign key (organization_id, message_id) references messages (organization_id, id)
    on delete set null (message_id),
  foreign key (organization_id, source_id) references knowledge_sources (organization_id, id)
    on delete set null (source_id)
);
create index usage_logs_organization on usage_logs (organization_id, created_at desc);
create index usage_logs_chatbot on usage_logs (chatbot_id, created_at desc);
create index usage_logs_created on usage_logs using brin (created_at);
create index usage_logs_conversation on usage_logs (conversation_id) where conversation_id is not null;
create index usage_logs_message on usage_logs (message_id) where message_id is not null;
create index usage_logs_source on usage_logs (source_id) where source_id is not null;
create trigger usage_logs_organization before insert on usage_logs
  for each row execute function fill_organization();
call isolate_tenants('usage_logs');

-- For operators; alerts of the platform itself have no organization.
create table system_alerts (
  id uuid primary key default uuid_v7(),
  organization_id uuid references organizations on delete cascade,
  severity text not null check (severity in ('critical', 'error', 'warning', 'info')),
  alert_type text not null check (alert_type <> ''),
  error_code text,
  -- written by us: never customer text, tokens or phone numbers, here or in the details
  message text not null,
  chatbot_id uuid,
  flow_id text,
  turn_id uuid,
  step_id text,
  details jsonb not null default '{}',
  -- held by the alert that takes further occurrences; at most one at a time
  dedupe_key text unique,
  occurrences integer not null default 1,
  first_occurred_at timestamptz not null default now(),
  last_occurred_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  notified_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
);
create index system_alerts_created on system_alerts (created_at desc);
create index system_alerts_organization on system_alerts (organization_id, created_at desc);
create index system_alerts_chatbot on system_alerts (chatbot_id) where chatbot_id is not null;
create index system_alerts_unnotified on system_alerts (created_at) where notified_at is null;
create trigger system_alerts_organization before insert on system_alerts
  for each row when (new.chatbot_id is not null) execute function fill_organization();
call isolate_tenants('system_alerts');

-- Records an alert. The same one (organization, chatbot, type and error code) within an hour of the
-- first, while nobody has acknowledged it, only counts up: a burst is one row, and a trouble that lasts
-- is told again each hour. What is told of each case apart names it (p_case). `is_new`: tell people.
create function record_alert(
  p_organization_id uuid, p_severity text, p_alert_type text, p_error_code text, p_message text,
  p_chatbot_id uuid default null, p_flow_id text default null, p_turn_id uuid default null,
  p_step_id text default null, p_details jsonb default '{}', p_case text default null
) returns table (id uuid, is_new boolean)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  v_key text := concat_ws(' ', coalesce(p_organization_id::text, '-'), coalesce(p_chatbot_id::text, '-'),
    p_alert_type, coalesce(p_error_code, '-'), p_case);
begin
  update system_alerts a set dedupe_key = null
  where a.dedupe_key = v_key
    and (a.acknowledged_at is not null or a.first_occurred_at < clock_timestamp() - interval '1 hour');
  insert into system_alerts as a (organization_id, severity, alert_type, error_code, message,
    chatbot_id, flow_id, turn_id, step_id, details, dedupe_key)
  values (p_organization_id, p_severity, p_alert_type, p_error_code, p_message,
    p_chatbot_id, p_flow_id, p_turn_id, p_step_id, p_details, v_key)
  on conflict (dedupe_key) do update set
    occurrences = a.occurrences + 1, last_occurred_at = clock_timestamp(), severity = excluded.severity,
    message = excluded.message, flow_id = excluded.flow_id, turn_id = excluded.turn_id,
    step_id = excluded.step_id, details = excluded.details
  returning a.id, a.occurrences = 1 into id, is_new;
  if is_new and p_organization_id is not null then
    -- from here it reaches Slack, together with what else happens within five seconds
    perform mailbox_post('alerts:' || p_organization_id, p_organization_id, 'alerts', true,
      jsonb_build_object('alertId', id), 5000, 5000);
  end if;
  return next;
end $$;

-- The billing period of an organization so far. Whoever logs usage adds to it in the same transaction.
create table usage_summary (
  organization_id uuid primary key references organizations on delete cascade,
  current_period_messages amount not null default 0,
  current_period_tokens large_amount not null default 0,
  current_period_start timestamptz not null default now(),
  -- 80 % warning of this period
  warned_at timestamptz,
  -- chatbots are off because of it
  limit_reached_at timestamptz,
  -- below both of these there is nothing to check: most turns pay no more for the limits than to look here
  check_from_messages integer not null default 0,
  check_from_tokens bigint not null default 0,
  updated_at timestamptz not null default now()
) with (fillfactor = 70);
create trigger usage_summary_touch before update on usage_summary
  for each row execute function touch_updated_at();
call isolate_tenants('usage_summary');

-- Runs as parley_system, since whoever makes an organization need not reach its usage.
create function start_usage_summary() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into usage_summary (organization_id, current_period_start) values (new.id, new.billing_period_start);
  return null;
end $$;
create trigger organizations_usage_summary after insert on organizations
  for each row execute function start_usage_summary();
insert into usage_summary (organization_id, current_period_start)
select id, billing_period_start from organizations;

-- Enforces the limits of messages and tokens when the usage of an organization reaches them:
--   80 %           one warning for each period
--   100 %          its chatbots go off (disabled_reason 'quota') and one critical alert is recorded
--   below again    (new period, higher limit) the chatbots that went off because of it go on
create function check_usage_limits() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_organization organizations;
  v_details jsonb;
begin
  select * into v_organization from organizations where id = new.organization_id;
  v_details := jsonb_build_object(
    'messages', new.current_period_messages, 'messageLimit', v_organization.message_limit_monthly,
    'tokens', new.current_period_tokens, 'tokenLimit', v_organization.token_limit_monthly,
    'periodStart', new.current_period_start);
  if new.current_period_start <> old.current_period_start then
    new.warned_at := null;
  end if;
  new.check_from_messages := 0;
  new.check_from_tokens := 0;

  if new.current_period_messages >= v_organization.message_limit_monthly
    or new.current_period_tokens >= v_organization.token_limit_monthly then
    -- also those that were made or switched on since: nobody passes the limit that way
    update chatbots set is_active = false, disabled_reason = 'quota'
    where organization_id = new.organization_id and is_active;
    if new.limit_reached_at is null then
      new.limit_reached_at := now();
      new.warned_at := coalesce(new.warned_at, now());
      perform record_alert(new.organization_id, 'critical', 'quota_reached', 'QUOTA_REACHED',
        'The monthly limit is used up: the organization''s chatbots are off until it is raised or a new period begins.',
        p_details => v_details);
    end if;
    return new;
  end if;

  if new.limit_reached_at is not null then
    new.limit_reached_at := null;
    update chatbots set is_active = true, disabled_reason = null
    where organization_id = new.organization_id and not is_active and disabled_reason = 'quota';
  end if;
  if new.warned_at is null and (
    new.current_period_messages >= 0.8 * v_organization.message_limit_monthly
    or new.current_period_tokens >= 0.8 * v_organization.token_limit_monthly) then
    new.warned_at := now();
    perform record_alert(new.organization_id, 'warning', 'quota_warning', 'QUOTA_WARNING',
      'More than 80 % of the monthly limit is used.', p_details => v_details);
  end if;
  new.check_from_messages := ceil(v_organization.message_limit_monthly * case when new.warned_at is null then 0.8 else 1 end);
  new.check_from_tokens := ceil(v_organization.token_limit_monthly * case when new.warned_at is null then 0.8 else 1 end);
  return new;
end $$;
create trigger usage_summary_limits before update on usage_summary
  for each row when (new.current_period_messages >= new.check_from_messages
    or new.current_period_tokens >= new.check_from_tokens
    or new.current_period_start <> old.current_period_start)
  execute function check_usage_limits();

-- A changed limit counts at once.
create function recheck_usage_limits() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update usage_summary set check_from_messages = 0 where organization_id = new.id;
  return null;
end $$;
create trigger organizations_limits after update of message_limit_monthly, token_limit_monthly on organizations
  for each row when (
    old.message_limit_monthly <> new.message_limit_monthly or old.token_limit_monthly <> new.token_limit_monthly)
  execute function recheck_usage_limits();

-- Nor does a chatbot that is made or switched on pass a limit that is reached. Only outside of other
-- triggers: check_usage_limits switches chatbots on itself.
create function recheck_active_chatbot() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update usage_summary set updated_at = now()
  where organization_id = new.organization_id and limit_reached_at is not null;
  return null;
end $$;
create trigger chatbots_limits after insert or update of is_active on chatbots
  for each row when (new.is_active and pg_trigger_depth() = 0) execute function recheck_active_chatbot();

-- Usage of the current period against the limits. Percentages are null when the limit is 0.
create function get_current_usage(org_id uuid) returns table (
  organization_id uuid, current_period_messages integer, message_limit_monthly integer,
  messages_percent double precision, current_period_tokens bigint, token_limit_monthly bigint,
  tokens_percent double precision, current_period_start timestamptz, limit_reached_at timestamptz
) language sql stable as $$
  select u.organization_id, u.current_period_messages, o.message_limit_monthly,
    100.0::double precision * u.current_period_messages / nullif(o.message_limit_monthly, 0),
    u.current_period_tokens, o.token_limit_monthly,
    100.0::double precision * u.current_period_tokens / nullif(o.token_limit_monthly, 0),
    u.current_period_start, u.limit_reached_at
  from usage_summary u join organizations o on o.id = u.organization_id
  where u.organization_id = org_id
$$;

-- Begins a new billing period and returns the organizations that it began for, with what they had used.
--   without argument  all of them, from now on (the specification's manual reset)
--   ended_by          those whose month is over by then; periods keep to the day of billing_period_start
--                     (UTC). Repeating it does nothing, so a schedule may.
create function reset_billing_period(ended_by timestamptz default null) returns table (
  organization_id uuid, name text, messages integer, tokens bigint,
  previous_period_start timestamptz, current_period_start timestamptz
) language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  v_now timestamptz := now();
begin
  if ended_by is null then
    update organizations set billing_period_start = v_now;
  end if;
  return query
    with ended as materialized (
      select u.organization_id, u.current_period_messages, u.current_period_tokens, u.current_period_start,
        o.name, period.start
      from usage_summary u
      join organizations o on o.id = u.organization_id
      cross join lateral (select age(ended_by at time zone 'UTC', o.billing_period_start at time zone 'UTC')) passed (since)
      cross join lateral (select case when ended_by is null then v_now else
        (o.billing_period_start at time zone 'UTC'
          + make_interval(months => 12 * extract(year from passed.since)::integer + extract(month from passed.since)::integer)
        ) at time zone 'UTC' end) period (start)
      where ended_by is null or period.start > u.current_period_start
      order by u.organization_id for update of u
    )
    update usage_summary u set
      current_period_messages = 0, current_period_tokens = 0, current_period_start = ended.start
    from ended where u.organization_id = ended.organization_id
    returning u.organization_id, ended.name, ended.current_period_messages::integer,
      ended.current_period_tokens::bigint, ended.current_period_start, u.current_period_start;
end $$;

-- What a chatbot has spent in the billing period of its organization, as far as prices are known. Its
-- ceiling is settings.monthlySpendCeilingMicros (millionths of a US dollar); load_conversation compares.
create table chatbot_spend (
  chatbot_id uuid primary key,
  organization_id uuid not null,
  period_start timestamptz not null default '-infinity',
  spent_micros large_amount not null default 0,
  -- rows of the usage without a known price: they are not in spent_micros
  unpriced_rows amount not null default 0,
  -- 80 % warning, and alert, of this period
  warned_at timestamptz,
  reached_at timestamptz,
  updated_at timestamptz not null default now(),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
) with (fillfactor = 70);
call isolate_tenants('chatbot_spend');

create function start_chatbot_spend() returns trigger language plpgsql as $$
begin
  insert into chatbot_spend (chatbot_id, organization_id) values (new.id, new.organization_id);
  return null;
end $$;
create trigger chatbots_spend after insert on chatbots
  for each row execute function start_chatbot_spend();
insert into chatbot_spend (chatbot_id, organization_id) select id, organization_id from chatbots;

-- A ceiling out of a chatbot's settings; null: none.
create function spend_ceiling(p_settings jsonb, p_name text) returns bigint language sql immutable as $$
  select case when jsonb_typeof(p_settings -> p_name) = 'number' then (p_settings ->> p_name)::numeric::bigint end
$$;

-- Adds to what a chatbot has spent. Whoever calls it may lock nothing of the organization afterwards that
-- others lock before its usage_summary, which comes first.
create function add_chatbot_spend(p_organization_id uuid, p_chatbot_id uuid, p_micros bigint, p_unpriced integer)
returns void language plpgsql volatile as $$
declare
  v_period timestamptz;
begin
  if coalesce(p_micros, 0) = 0 and p_unpriced = 0 then return; end if;
  select current_period_start into v_period from usage_summary
  where organization_id = p_organization_id for no key update;
  update chatbot_spend set
    spent_micros = case when period_start = v_period then spent_micros else 0 end + coalesce(p_micros, 0),
    unpriced_rows = case when period_start = v_period then unpriced_rows else 0 end + p_unpriced,
    period_start = v_period
  where chatbot_id = p_chatbot_id;
end $$;

-- Tells once in each period that 80 % of a ceiling are spent, and once that all of it is.
create function check_chatbot_spend() returns trigger language plpgsql as $$
declare
  v_ceiling bigint;
  v_details jsonb;
begin
  select spend_ceiling(settings, 'monthlySpendCeilingMicros') into v_ceiling from chatbots where id = new.chatbot_id;
  new.updated_at := now();
  if v_ceiling is null then
    new.warned_at := null;
    new.reached_at := null;
    return new;
  end if;
  v_details := jsonb_build_object('spentMicros', new.spent_micros, 'ceilingMicros', v_ceiling,
    'unpricedRows', new.unpriced_rows, 'periodStart', new.period_start);
  if new.period_start <> old.period_start or new.spent_micros < 0.8 * v_ceiling then
    new.warned_at := null;
  end if;
  if new.period_start <> old.period_start or new.spent_micros < v_ceiling then
    new.reached_at := null;
  end if;
  if new.spent_micros >= v_ceiling then
    if new.reached_at is null then
      new.reached_at := now();
      new.warned_at := coalesce(new.warned_at, now());
      perform record_alert(new.organization_id, 'critical', 'spend_ceiling_reached', null,
        'The chatbot has spent its monthly ceiling: it answers with its fallback sentence, without a model, until the ceiling is raised or a new billing period begins.',
        new.chatbot_id, p_details => v_details);
    end if;
  elsif new.spent_micros >= 0.8 * v_ceiling and new.warned_at is null then
    new.warned_at := now();
    perform record_alert(new.organization_id, 'warning', 'spend_ceiling_warning', null,
      'The chatbot has spent more than 80 % of its monthly ceiling.', new.chatbot_id, p_details => v_details);
  end if;
  return new;
end $$;
create trigger chatbot_spend_check before update on chatbot_spend
  for each row execute function check_chatbot_spend();

-- A changed ceiling counts at once.
create function recheck_chatbot_spend() returns trigger language plpgsql as $$
begin
  update chatbot_spend set updated_at = now() where chatbot_id = new.id;
  return null;
end $$;
create trigger chatbots_spend_ceiling after update of settings on chatbots
  for each row when (spend_ceiling(old.settings, 'monthlySpendCeilingMicros')
    is distinct from spend_ceiling(new.settings, 'monthlySpendCeilingMicros'))
  execute function recheck_chatbot_spend();

-- Who changed which setting, secret or member. Written once: the program can neither change nor remove
-- a line (deleting the organization does).
create table audit_logs (
  id uuid primary key default uuid_v7(),
  organization_id uuid references organizations on delete cascade,
  actor_type text not null check (actor_type in ('user', 'api_key', 'operator', 'system')),
  actor_id text,
  -- what happened to what: `chatbot.updated`, `member.removed`, …
  action text not null check (action <> ''),
  target_type text,
  target_id text,
  -- names of what changed, with values where they are no secret
  changes jsonb not null default '{}',
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now()
);
create index audit_logs_organization on audit_logs (organization_id, created_at desc);
create index audit_logs_target on audit_logs (target_type, target_id);
call isolate_tenants('audit_logs');
revoke update, delete on audit_logs from parley_app;

-- Keys of machines. The key itself is shown once; here is its SHA-256 and how it begins.
create table api_keys (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null references organizations on delete cascade,
  name text not null check (name <> ''),
  prefix text not null,
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes text[] not null default '{}',
  created_by uuid,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  unique (organization_id, id)
);
create index api_keys_organization on api_keys (organization_id, created_at desc);
call isolate_tenants('api_keys');

-- Whose key this is; no row when it is unknown, revoked or expired. Runs before a tenant is known.
create function find_api_key(p_key_hash bytea) returns table (id uuid, organization_id uuid, scopes text[])
language sql stable security definer set search_path = public, pg_temp as $$
  select k.id, k.organization_id, k.scopes from api_keys k
  where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;

do $$
declare
  routine text;
begin
  foreach routine in array array[
    'record_alert(uuid, text, text, text, text, uuid, text, uuid, text, jsonb, text)', 'start_usage_summary()',
    'check_usage_limits()', 'recheck_usage_limits()', 'recheck_active_chatbot()',
    'reset_billing_period(timestamptz)', 'find_api_key(bytea)'
  ] loop
    execute format('alter function %s owner to parley_system', routine);
    execute format('revoke execute on function %s from public', routine);
    execute format('grant execute on function %s to parley_app', routine);
  end loop;
end $$;
