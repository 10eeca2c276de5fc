-- The schema after all migrations. Written by `npm run schema:write`; do not edit.
-- It is for reading and comparing; databases are made by the migrations.


-- Extensions

create extension vector;


-- Domains

create domain amount as integer CHECK ((VALUE >= 0));

create domain conversation_status as text CHECK ((VALUE = ANY (ARRAY['bot'::text, 'human'::text, 'merged'::text])));

create domain currency_code as text CHECK ((VALUE ~ '^[A-Z]{3}$'::text));

create domain large_amount as bigint CHECK ((VALUE >= 0));

create domain message_author as text CHECK ((VALUE = ANY (ARRAY['customer'::text, 'bot'::text, 'human'::text, 'system'::text])));

create domain message_direction as text CHECK ((VALUE = ANY (ARRAY['inbound'::text, 'outbound'::text])));

create domain outbound_state as text CHECK ((VALUE = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'failed'::text])));

create domain turn_status as text CHECK ((VALUE = ANY (ARRAY['done'::text, 'failed'::text, 'superseded'::text, 'skipped'::text])));

create domain usage_kind as text CHECK ((VALUE = ANY (ARRAY['answer'::text, 'discarded draft'::text, 'failed turn'::text, 'embedding'::text, 'transcription'::text, 'reranking'::text, 'test'::text])));

create domain webhook_outcome as text CHECK ((VALUE = ANY (ARRAY['accepted'::text, 'recorded'::text, 'unrouted'::text, 'failed'::text])));


-- Functions

CREATE OR REPLACE FUNCTION public.accept_change(p_organization_id uuid, p_chatbot_id uuid, p_received jsonb, p_events jsonb, p_longest_wait_ms integer)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  v_tenant text := enter_tenant(p_organization_id);
  v_event jsonb;
  v_results jsonb := '[]';
begin
  if p_received is not null then
    insert into webhook_events (organization_id, chatbot_id, phone_number_id, field, outcome, error_code, payload)
    values (p_organization_id, p_chatbot_id, p_received ->> 'phoneNumberId', p_received ->> 'field',
      p_received ->> 'outcome', p_received ->> 'errorCode', p_received -> 'payload');
  end if;
  for v_event in select jsonb_array_elements(p_events) loop
    v_results := v_results || jsonb_build_array(
      accept_event(p_organization_id, p_chatbot_id, v_event, p_longest_wait_ms));
  end loop;
  return v_results;
end $function$;

CREATE OR REPLACE FUNCTION public.accept_event(p_organization_id uuid, p_chatbot_id uuid, p_event jsonb, p_longest_wait_ms integer)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  v_accepted jsonb;
begin
  case p_event ->> 'kind'
    when 'message' then
      return accept_message(p_organization_id, p_chatbot_id, p_event -> 'person', p_event -> 'message', p_longest_wait_ms);
    when 'echo' then
      v_accepted := accept_message(p_organization_id, p_chatbot_id, p_event -> 'person', p_event -> 'message', 0);
      -- a redelivery names no conversation: it must not lengthen the pause
      perform pause_for_phone_app((v_accepted ->> 'conversationId')::uuid,
        (p_event -> 'message' ->> 'sentAt')::timestamptz, (p_event ->> 'pausedUntil')::timestamptz);
    when 'status' then
      perform accept_status(p_organization_id, p_chatbot_id, p_event);
    when 'identity-change' then
      perform change_identity(p_organization_id, p_chatbot_id, p_event -> 'previous', p_event -> 'current');
    when 'edit' then
      update messages set content = p_event ->> 'text', edited_at = (p_event ->> 'occurredAt')::timestamptz
      where chatbot_id = p_chatbot_id and whatsapp_message_id = p_event ->> 'originalMessageId';
    when 'revoke' then
      -- the content goes, the fact stays
      delete from message_media f using messages m
      where f.message_id = m.id and m.chatbot_id = p_chatbot_id
        and m.whatsapp_message_id = p_event ->> 'originalMessageId';
      update messages set content = '', data = '{}', revoked_at = (p_event ->> 'occurredAt')::timestamptz
      where chatbot_id = p_chatbot_id and whatsapp_message_id = p_event ->> 'originalMessageId';
  end case;
  return '{}';
end $function$;

CREATE OR REPLACE FUNCTION public.accept_message(p_organization_id uuid, p_chatbot_id uuid, p_person jsonb, p_message jsonb, p_longest_wait_ms integer)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  v_contact_id uuid := resolve_contact(p_organization_id, p_chatbot_id, p_person);
  v_conversation conversations;
  v_chatbot chatbots;
  v_message_id uuid;
  v_is_inbound boolean := p_message ->> 'author' = 'customer';
  v_sent_at timestamptz := (p_message ->> 'sentAt')::timestamptz;
  v_may_send boolean;
  v_opted text;
  v_answers boolean;
begin
  loop
    update conversations set
      last_inbound_at = case when v_is_inbound then greatest(last_inbound_at, v_sent_at) else last_inbound_at end
    where contact_id = v_contact_id
    returning * into v_conversation;
    exit when found;
    insert into conversations (organization_id, chatbot_id, contact_id)
    values (p_organization_id, p_chatbot_id, v_contact_id) on conflict (contact_id) do nothing;
  end loop;
  if v_is_inbound and v_conversation.status = 'human' and v_conversation.paused_until <= now() then
    -- faster than the schedule: what the bot says of its return comes before its answer
    perform end_pause(v_conversation.id, 'timeout', true);
    v_conversation.status := 'bot';
  end if;

  insert into messages (organization_id, chatbot_id, conversation_id, direction, author, type, content,
    data, whatsapp_message_id, replies_to, wants_answer, sent_at)
  values (p_organization_id, p_chatbot_id, v_conversation.id,
    case when v_is_inbound then 'inbound' else 'outbound' end, p_message ->> 'author',
    p_message ->> 'type', p_message ->> 'text', p_message -> 'data',
    p_message ->> 'whatsappMessageId', p_message ->> 'repliesTo',
    coalesce((p_message ->> 'wantsAnswer')::boolean, false), v_sent_at)
  on conflict (chatbot_id, whatsapp_message_id) do nothing
  returning id into v_message_id;
  if v_message_id is null then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  if not v_is_inbound then
    return jsonb_build_object('outcome', 'stored', 'conversationId', v_conversation.id);
  end if;

  select * into v_chatbot from chatbots where id = p_chatbot_id;
  -- outside the 24-hour window nothing may be sent, so there is nothing to answer
  v_may_send := v_chatbot.is_active and v_sent_at > now() - interval '24 hours';
  if p_message ? 'optWish' then
    v_opted := heed_opt_wish(v_contact_id, v_conversation, p_message -> 'optWish', v_may_send);
    if v_opted is not null or p_message -> 'optWish' ->> 'wish' = 'out' then
      update messages set wants_answer = false where id = v_message_id;
      return jsonb_build_object('outcome', 'stored', 'conversationId', v_conversation.id, 'opted', v_opted);
    end if;
  end if;
  v_answers := v_may_send and (p_message ->> 'wantsAnswer')::boolean and not is_paused(v_conversation);
  if v_answers then
    perform mailbox_post('conversation:' || v_conversation.id, p_organization_id, 'conversation', true,
      jsonb_build_object('messageId', v_message_id), v_chatbot.reply_delay_ms, p_longest_wait_ms);
  end if;
  return jsonb_build_object('outcome', 'stored', 'conversationId', v_conversation.id,
    'answers', v_answers, 'sealedAccessToken', case when v_answers then v_chatbot.whatsapp_access_token end);
end $function$;

CREATE OR REPLACE FUNCTION public.accept_status(p_organization_id uuid, p_chatbot_id uuid, p_status jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_outbound outbound_messages;
begin
  insert into delivery_statuses as known (organization_id, chatbot_id, whatsapp_message_id, status,
    meta_error_code, error_title, pricing_category, billable, occurred_at)
  values (p_organization_id, p_chatbot_id, p_status ->> 'whatsappMessageId', p_status ->> 'status',
    (p_status ->> 'errorCode')::integer, p_status ->> 'errorTitle', p_status ->> 'pricingCategory',
    (p_status ->> 'billable')::boolean, (p_status ->> 'occurredAt')::timestamptz)
  on conflict (chatbot_id, whatsapp_message_id) do update set
    status = case when excluded.rank > known.rank then excluded.status else known.status end,
    occurred_at = case when excluded.rank > known.rank then excluded.occurred_at else known.occurred_at end,
    meta_error_code = coalesce(excluded.meta_error_code, known.meta_error_code),
    error_title = coalesce(excluded.error_title, known.error_title),
    pricing_category = coalesce(excluded.pricing_category, known.pricing_category),
    billable = coalesce(excluded.billable, known.billable);

  if p_status ->> 'outboundMessageId' is null then return; end if;
  select * into v_outbound from outbound_messages
  where id = (p_status ->> 'outboundMessageId')::uuid and chatbot_id = p_chatbot_id and state in ('pending', 'sending');
  if v_outbound.id is null then return; end if;
  -- the mailbox first, as everybody who writes for a turn does: no deadlock
  perform 1 from mailboxes where key = 'conversation:' || v_outbound.conversation_id for no key update;
  update outbound_messages set state = 'sent', whatsapp_message_id = p_status ->> 'whatsappMessageId'
  where id = v_outbound.id and state in ('pending', 'sending');
  perform mailbox_hasten('conversation:' || v_outbound.conversation_id, v_outbound.turn_id);
end $function$;

CREATE OR REPLACE FUNCTION public.add_chatbot_spend(p_organization_id uuid, p_chatbot_id uuid, p_micros bigint, p_unpriced integer)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.add_note(p_conversation conversations, p_kind text, p_reason text, p_content text, p_turn_id uuid)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into conversation_notes (organization_id, conversation_id, kind, reason, content, turn_id)
  values (p_conversation.organization_id, p_conversation.id, p_kind, p_reason, p_content, p_turn_id)
$function$;

CREATE OR REPLACE FUNCTION public.begin_reply(p_organization_id uuid, p_key text, p_fence bigint, p_worker text, p_steps jsonb, p_conversation_id uuid, p_contents jsonb, p_supersede_max integer, p_even_paused boolean, p_outcome_wait_ms integer)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  v_tenant text := enter_tenant(p_organization_id);
  v_box mailboxes;
  v_now timestamptz;
  v_wait interval := p_outcome_wait_ms * interval '1 millisecond';
  v_conversation conversations;
  v_chatbot chatbots;
  v_taken uuid[];
begin
  -- locks it as mailbox_own does
  update mailboxes set steps = steps || p_steps, stepped_at = clock_timestamp()
  where key = p_key and fence = p_fence and owner = p_worker returning * into v_box;
  if not found then return jsonb_build_object('outcome', 'lost'); end if;
  v_now := clock_timestamp();
  select * into v_conversation from conversations where id = p_conversation_id;
  select * into v_chatbot from chatbots where id = v_conversation.chatbot_id;

  if not exists (select 1 from outbound_messages where turn_id = v_box.turn_id and state <> 'pending') then
    if v_box.last_seq > v_box.turn_upto and v_box.superseded < p_supersede_max then
      delete from outbound_messages where turn_id = v_box.turn_id;
      return jsonb_build_object('outcome', 'superseded');
    end if;
    if is_paused(v_conversation) and not p_even_paused or not v_chatbot.is_active then
      return jsonb_build_object('outcome', 'silenced');
    end if;
    with begun as (
      insert into outbound_messages (organization_id, chatbot_id, conversation_id, turn_id, position, content,
        state, handed_over_at, attempts)
      select v_box.organization_id, v_chatbot.id, p_conversation_id, v_box.turn_id,
        entry.ordinality, entry.value, 'sending', v_now, 1
      from jsonb_array_elements(p_contents) with ordinality entry
      on conflict (turn_id, position) do nothing
      returning id
    )
    select array_agg(id) into v_taken from begun;
  end if;

  if v_taken is null then -- an earlier attempt has begun it: take what it left, if it may be sent again
    with taken as (
      update outbound_messages set state = 'sending', handed_over_at = v_now, attempts = attempts + 1
      where turn_id = v_box.turn_id
        and (state = 'pending' or state = 'sending' and (
          handed_over_at <= v_now - v_wait
          -- they leave one after the other: what comes after a refused one was never handed over
          or exists (
            select 1 from outbound_messages p
            where p.turn_id = v_box.turn_id and p.state = 'pending' and p.position < outbound_messages.position)))
      returning id
    )
    select array_agg(id) into v_taken from taken;
  end if;
  return jsonb_build_object('outcome', 'ready',
    'phoneNumberId', v_chatbot.whatsapp_phone_number_id,
    'sealedAccessToken', v_chatbot.whatsapp_access_token,
    'outbound', (
      select jsonb_agg(jsonb_build_object(
        'id', id, 'position', position, 'content', content, 'state', state,
        'isOurs', id = any (coalesce(v_taken, '{}')), 'whatsappMessageId', whatsapp_message_id,
        'waitMs', greatest(0, ceil(extract(epoch from handed_over_at + v_wait - v_now) * 1000)))
        order by position)
      from outbound_messages where turn_id = v_box.turn_id));
end $function$;

CREATE OR REPLACE FUNCTION public.change_identity(p_organization_id uuid, p_chatbot_id uuid, p_previous jsonb, p_current jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_previous uuid := resolve_contact(p_organization_id, p_chatbot_id, p_previous);
  v_current uuid;
begin
  select id into v_current from contacts
  where chatbot_id = p_chatbot_id and merged_into is null and id <> v_previous
    and (phone = p_current ->> 'phone' or user_id = p_current ->> 'userId')
  order by id limit 1 for no key update;
  if v_current is not null then
    perform merge_contacts(p_organization_id, v_previous, v_current);
  end if;
  update contacts set
    phone = coalesce(p_current ->> 'phone', phone), user_id = coalesce(p_current ->> 'userId', user_id),
    parent_user_id = coalesce(p_current ->> 'parentUserId', parent_user_id)
  where id = v_previous;
end $function$;

CREATE OR REPLACE FUNCTION public.check_chatbot_spend()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.check_usage_limits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;
alter routine check_usage_limits() owner to parley_system;
revoke all on routine check_usage_limits() from public;
grant execute on routine check_usage_limits() to parley_app;

CREATE OR REPLACE FUNCTION public.count_languages()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  -- in a statement of its own, so that the next one sees what another document has counted meanwhile
  perform 1 from chatbots where id = new.chatbot_id for no key update;
  update chatbots b set knowledge_languages = l.languages
  from (
    select coalesce(array_agg(language order by documents desc, language), '{}') as languages
    from (
      select language, count(*) as documents from knowledge_sources
      where chatbot_id = new.chatbot_id and language is not null and removed_at is null
      group by language
    ) counted
  ) l
  where b.id = new.chatbot_id and b.knowledge_languages <> l.languages;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.count_terms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    insert into chatbot_terms as known (organization_id, chatbot_id, term, document_frequency)
    select organization_id, chatbot_id, term, count(*) from changed, term_ids(terms) term
    group by 1, 2, 3 order by 2, 3
    on conflict (chatbot_id, term) do update
      set document_frequency = known.document_frequency + excluded.document_frequency;
  else
    update chatbot_terms known set document_frequency = known.document_frequency - locked.gone from (
      select t.chatbot_id, t.term, counted.gone
      from chatbot_terms t join (
        select chatbot_id, term, count(*) as gone from changed, term_ids(terms) term group by 1, 2
      ) counted using (chatbot_id, term)
      order by 1, 2 for update of t) locked
    where known.chatbot_id = locked.chatbot_id and known.term = locked.term;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.distances_of(p_ids bigint[], p_embedding halfvec)
 RETURNS TABLE(id bigint, distance double precision)
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return query
    select n.id, k.distance
    from unnest(p_ids) as n (id) cross join lateral (
      select c.embedding <=> p_embedding as distance from document_chunks c where c.id = n.id offset 0
    ) k;
end $function$;

CREATE OR REPLACE FUNCTION public.end_due_pauses(p_max integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_id uuid;
  v_ended integer := 0;
begin
  for v_id in
    select id from (
      select id from conversations where status = 'human' and paused_until <= now()
      order by paused_until limit p_max for no key update skip locked) due
    order by id
  loop
    perform end_pause(v_id, 'timeout', true);
    v_ended := v_ended + 1;
  end loop;
  return v_ended;
end $function$;
alter routine end_due_pauses(integer) owner to parley_system;
revoke all on routine end_due_pauses(integer) from public;
grant execute on routine end_due_pauses(integer) to parley_app;

CREATE OR REPLACE FUNCTION public.end_pause(p_conversation_id uuid, p_way text, p_tells boolean)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  v_conversation conversations;
  v_tells boolean;
  v_unanswered jsonb := '[]';
begin
  select * into v_conversation from conversations
  where id = p_conversation_id and status = 'human' for no key update;
  if not found then return false; end if;
  update conversations set status = 'bot', paused_at = null, paused_until = null, paused_reason = null,
    pause_announced = false, bot_since = now()
  where id = p_conversation_id;
  perform add_note(v_conversation, p_way, v_conversation.paused_reason, '', null);

  v_tells := p_tells and (p_way <> 'timeout' or v_conversation.pause_announced);
  if p_way <> 'closed' then
    select coalesce(jsonb_agg(m.id order by m.id), '[]') into v_unanswered from (
      select id from messages
      where conversation_id = p_conversation_id and wants_answer and revoked_at is null
        and sent_at > now() - interval '24 hours'
        and id > coalesce((
          -- what the bot says during a pause is of the pause, unless it had begun to send it before
          select m.id from messages m
          where m.conversation_id = p_conversation_id and m.direction = 'outbound'
            and (m.author = 'human' or m.created_at <= v_conversation.paused_at or exists (
              select 1 from outbound_messages o
              where o.turn_id = m.turn_id and o.created_at <= v_conversation.paused_at))
          order by m.id desc limit 1),
          '00000000-0000-0000-0000-000000000000')
      order by id desc limit 20) m;
  end if;
  if v_tells or v_unanswered <> '[]' then
    perform mailbox_post('conversation:' || p_conversation_id, v_conversation.organization_id, 'conversation', true,
      jsonb_build_object('notice', 'back', 'tells', v_tells, 'unanswered', v_unanswered, 'way', case
        when p_way = 'timeout' and v_conversation.paused_reason = 'handoff' then 'nobody came' else p_way end));
  end if;
  return true;
end $function$;

CREATE OR REPLACE FUNCTION public.enter_tenant(p_organization_id uuid)
 RETURNS text
 LANGUAGE sql
AS $function$
  select set_config('app.organization_id', p_organization_id::text, true)
$function$;

CREATE OR REPLACE FUNCTION public.fill_organization()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.organization_id is null then
    select organization_id into new.organization_id from chatbots where id = new.chatbot_id;
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.find_api_key(p_key_hash bytea)
 RETURNS TABLE(id uuid, organization_id uuid, scopes text[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select k.id, k.organization_id, k.scopes from api_keys k
  where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$function$;
alter routine find_api_key(bytea) owner to parley_system;
revoke all on routine find_api_key(bytea) from public;
grant execute on routine find_api_key(bytea) to parley_app;

CREATE OR REPLACE FUNCTION public.finish_turn(p_key text, p_fence bigint, p_worker text, p_status text, p_error_code text, p_next_ms bigint, p_leaves jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  v_next jsonb;
  v_tenant text;
begin
  -- the contact and the conversation before the mailbox, as accept_message locks them: no deadlock
  if p_leaves ->> 'language' is not null then
    perform enter_tenant((p_leaves ->> 'organizationId')::uuid);
    -- true even if the turn is not ours any more
    update contacts set language = p_leaves ->> 'language' where id = (p_leaves ->> 'contactId')::uuid;
  end if;
  if nullif(p_leaves -> 'handoff', 'null') is not null then
    perform enter_tenant((p_leaves ->> 'organizationId')::uuid);
    perform 1 from conversations where id = live_conversation((p_leaves ->> 'conversationId')::uuid) for no key update;
  end if;
  v_next := mailbox_finish(p_key, p_fence, p_worker, p_status, p_error_code, p_next_ms);
  if v_next is not null and p_leaves is not null then
    v_tenant := enter_tenant((p_leaves ->> 'organizationId')::uuid);
    perform write_turn_effects(p_leaves);
  end if;
  return v_next;
end $function$;

CREATE OR REPLACE FUNCTION public.first_messages(p_messages jsonb, p_count bigint)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_path_query_array(p_messages, '$[0 to $last]', jsonb_build_object('last', p_count - 1))
$function$;

CREATE OR REPLACE FUNCTION public.get_current_usage(org_id uuid)
 RETURNS TABLE(organization_id uuid, current_period_messages integer, message_limit_monthly integer, messages_percent double precision, current_period_tokens bigint, token_limit_monthly bigint, tokens_percent double precision, current_period_start timestamp with time zone, limit_reached_at timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
  select u.organization_id, u.current_period_messages, o.message_limit_monthly,
    100.0::double precision * u.current_period_messages / nullif(o.message_limit_monthly, 0),
    u.current_period_tokens, o.token_limit_monthly,
    100.0::double precision * u.current_period_tokens / nullif(o.token_limit_monthly, 0),
    u.current_period_start, u.limit_reached_at
  from usage_summary u join organizations o on o.id = u.organization_id
  where u.organization_id = org_id
$function$;

CREATE OR REPLACE FUNCTION public.hand_over(p_conversation_id uuid, p_handoff jsonb, p_turn_id uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_conversation conversations;
begin
  select * into v_conversation from conversations
  where id = live_conversation(p_conversation_id) for no key update;
  if not found then return; end if;
  perform add_note(v_conversation, 'handoff', p_handoff ->> 'reason', p_handoff ->> 'summary', p_turn_id);
  if is_paused(v_conversation) then
    update conversations set pause_announced = true where id = v_conversation.id;
  else
    update conversations set status = 'human', paused_reason = 'handoff', pause_announced = true,
      paused_at = now(), paused_until = now() + case p_handoff ->> 'reason'
        when 'failures' then least(handoff_timeout(chatbot_id), interval '1 hour')
        else handoff_timeout(chatbot_id) end
    where id = v_conversation.id;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.handoff_timeout(p_chatbot_id uuid)
 RETURNS interval
 LANGUAGE sql
 STABLE
AS $function$
  select make_interval(mins => coalesce((settings ->> 'handoffTimeoutMinutes')::integer, 720))
  from chatbots where id = p_chatbot_id
$function$;

CREATE OR REPLACE FUNCTION public.heed_opt_wish(p_contact_id uuid, p_conversation conversations, p_opt_wish jsonb, p_confirms boolean)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  v_wish text := p_opt_wish ->> 'wish';
begin
  update contacts set opted_out_at = case when v_wish = 'out' then now() end
  where id = p_contact_id and (opted_out_at is null) = (v_wish = 'out');
  if not found then return null; end if;
  perform add_note(p_conversation, 'opted ' || v_wish, null, '', null);
  if p_confirms then
    perform mailbox_post('conversation:' || p_conversation.id, p_conversation.organization_id, 'conversation', true,
      jsonb_build_object('notice', 'opted ' || v_wish, 'language', p_opt_wish ->> 'language'));
  end if;
  return v_wish;
end $function$;

CREATE OR REPLACE FUNCTION public.is_paused(p_conversation conversations)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select p_conversation.status = 'human'
    and (p_conversation.paused_until is null or p_conversation.paused_until > now())
$function$;

CREATE OR REPLACE FUNCTION public.is_spend_used_up(p_chatbot chatbots)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_ceiling bigint := spend_ceiling(p_chatbot.settings, 'monthlySpendCeilingMicros');
begin
  if v_ceiling is null then return false; end if;
  return exists (
    select 1 from chatbot_spend s join usage_summary u on u.organization_id = s.organization_id
    where s.chatbot_id = p_chatbot.id and s.period_start = u.current_period_start
      and s.spent_micros >= v_ceiling);
end $function$;

CREATE OR REPLACE PROCEDURE public.isolate_tenants(IN target regclass, IN tenant_column text DEFAULT 'organization_id'::text, IN queries_read text DEFAULT 'few rows'::text)
 LANGUAGE plpgsql
AS $procedure$
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
end $procedure$;

CREATE OR REPLACE FUNCTION public.keep_published_prompt()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'Version % has been published and cannot be changed any more', old.number
    using errcode = 'check_violation';
end $function$;

CREATE OR REPLACE FUNCTION public.later_messages(p_messages jsonb, p_count bigint)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_path_query_array(p_messages, '$[$first to last]', jsonb_build_object('first', p_count))
$function$;

CREATE OR REPLACE FUNCTION public.live_conversation(p_conversation_id uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$
  select live.id
  from conversations c
  join contacts own on own.id = c.contact_id
  join conversations live on live.contact_id = coalesce(own.merged_into, own.id)
  where c.id = p_conversation_id
$function$;

CREATE OR REPLACE FUNCTION public.load_conversation(p_organization_id uuid, p_conversation_id uuid, p_messages integer)
 RETURNS json
 LANGUAGE plpgsql
AS $function$
declare
  v_tenant text := enter_tenant(p_organization_id);
  v_chatbot chatbots;
  v_contact contacts;
  v_thread conversations;
begin
  select * into v_thread from conversations where id = p_conversation_id;
  select * into v_contact from contacts where id = v_thread.contact_id;
  if not found then return null; end if;
  if v_contact.merged_into is not null then
    select * into v_contact from contacts where id = v_contact.merged_into;
    select * into v_thread from conversations where contact_id = v_contact.id;
  end if;
  select * into v_chatbot from chatbots where id = v_contact.chatbot_id;
  -- json and not jsonb, which would be taken apart and put together three times
  return json_build_object(
    'chatbotId', v_chatbot.id, 'contactId', v_contact.id,
    'isPaused', is_paused(v_thread), 'botSince', v_thread.bot_since,
    'chatbot', jsonb_build_object('name', v_chatbot.name, 'model', v_chatbot.model,
      'fallbackModel', v_chatbot.fallback_model, 'prompt', (
        select jsonb_build_object('version', number, 'content', content)
        from prompt_versions where id = v_chatbot.published_prompt_id),
      'failureMessage', v_chatbot.failure_message, 'historyTokenBudget', v_chatbot.history_token_budget,
      'retrieval', case
        when not exists (select 1 from document_chunks where chatbot_id = v_chatbot.id) then 'none'
        when v_chatbot.settings ->> 'retrieval' = 'always' then 'always' else 'tool' end,
      'shapes', v_chatbot.settings -> 'shapes',
      'knowledgeLanguages', v_chatbot.knowledge_languages,
      'hasTools', exists (
        select 1 from chatbot_integrations g join org_integrations i on i.id = g.integration_id
        where g.chatbot_id = v_chatbot.id and g.enabled and i.is_active),
      'handoff', coalesce(v_chatbot.settings ->> 'handoff', 'on'),
      'handoffKeywords', coalesce(v_chatbot.settings -> 'handoffKeywords', '[]'),
      'media', jsonb_build_object('transcriptionModel', v_chatbot.settings ->> 'transcriptionModel',
        'images', coalesce(v_chatbot.settings ->> 'images', 'auto')),
      'spend', jsonb_build_object(
        'turnCeilingMicros', spend_ceiling(v_chatbot.settings, 'turnSpendCeilingMicros'),
        'isMonthUsedUp', is_spend_used_up(v_chatbot))),
    'contact', jsonb_build_object('name', v_contact.profile_name, 'phone', v_contact.phone,
      'userId', v_contact.user_id, 'attributes', v_contact.attributes, 'language', v_contact.language,
      'isOptedOut', v_contact.opted_out_at is not null),
    'entries', (
      -- whole rows, which cost a third less than an object built of each
      select coalesce(json_agg(entry order by entry.id), '[]')
      from (
        select m.id, m.author, m.type, m.content as text, m.sent_at as "sentAt",
          m.whatsapp_message_id as "whatsappMessageId", m.revoked_at is not null as revoked,
          m.replies_to as "repliesTo", case when m.author = 'bot' then m.data -> 'shape' end as shape,
          case when m.direction = 'inbound' and m.type <> 'text' then m.data end as data,
          case when m.type in ('image', 'audio', 'video', 'document', 'sticker') then (
            select jsonb_build_object('kind', f.kind, 'status', f.status, 'reason', f.reason,
              'mimeType', f.mime_type, 'sizeBytes', f.size_bytes, 'storageKey', f.storage_key,
              'text', f.text, 'isCut', f.is_cut)
            from message_media f where f.message_id = m.id) end as media
        from messages m
        where conversation_id = v_thread.id and author <> 'system' and type <> 'reaction'
        order by id desc limit p_messages
      ) entry));
end $function$;

CREATE OR REPLACE FUNCTION public.mailbox_adopt(p_worker text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  delete from workers;
  insert into workers (id, lock_key) values (p_worker, 0);
  update mailboxes set owner = null, fence = fence + 1, run_at = least(run_at, clock_timestamp())
  where owner is not null;
end $function$;
alter routine mailbox_adopt(text) owner to parley_system;
revoke all on routine mailbox_adopt(text) from public;
grant execute on routine mailbox_adopt(text) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_backlog()
 RETURNS TABLE(due bigint, running bigint, oldest_due_ms double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select
    (select count(*) from mailboxes where owner is null and last_seq > done_seq and run_at <= now()),
    (select count(*) from mailboxes where owner is not null),
    (select coalesce(max(extract(epoch from now() - run_at) * 1000), 0)::double precision
     from mailboxes where owner is null and last_seq > done_seq and run_at <= now())
$function$;
alter routine mailbox_backlog() owner to parley_system;
revoke all on routine mailbox_backlog() from public;
grant execute on routine mailbox_backlog() to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_checkpoint(p_key text, p_fence bigint, p_worker text, p_steps jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update mailboxes set steps = steps || p_steps, stepped_at = clock_timestamp()
  where key = p_key and fence = p_fence and owner = p_worker;
  return found;
end $function$;
alter routine mailbox_checkpoint(text,bigint,text,jsonb) owner to parley_system;
revoke all on routine mailbox_checkpoint(text,bigint,text,jsonb) from public;
grant execute on routine mailbox_checkpoint(text,bigint,text,jsonb) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_claim(p_worker text, p_places integer, p_cap integer, p_document_places integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_turns jsonb;
begin
  with recursive lanes as (
    (select lane from mailboxes where owner is null and last_seq > done_seq order by lane limit 1)
    union all
    select (select m.lane from mailboxes m
      where m.owner is null and m.last_seq > m.done_seq and m.lane > lanes.lane order by m.lane limit 1)
    from lanes where lanes.lane is not null
  ), running as (
    select lane, count(*) as turns from mailboxes where owner is not null group by lane
  ), candidates as (
    select due.key, due.run_at, due.handler,
      coalesce(running.turns, 0) + row_number() over (partition by lanes.lane order by due.run_at) as place
    from lanes left join running using (lane)
    cross join lateral (
      select key, run_at, handler from mailboxes m
      where m.lane = lanes.lane and m.owner is null and m.last_seq > m.done_seq and m.run_at <= v_now
      order by m.run_at
      limit least(p_places, greatest(0, p_cap - coalesce(running.turns, 0)))
    ) due
    where lanes.lane is not null
  ), numbered as (
    select key, run_at, place, handler,
      row_number() over (partition by handler = 'document' order by place, run_at) as nth
    from candidates
  ), picked as materialized (
    select key from numbered
    where handler <> 'document' or nth <= p_document_places - (
      select count(*) from mailboxes where owner = p_worker and handler = 'document')
    order by place, run_at limit p_places
  ), locked as materialized (
    select m.key from mailboxes m join picked using (key)
    where m.owner is null and m.last_seq > m.done_seq and m.run_at <= v_now
    for no key update of m skip locked
  ), claimed as (
    update mailboxes m set
      owner = p_worker, fence = m.fence + 1, attempt = m.attempt + 1, hastened = false,
      turn_id = coalesce(m.turn_id, uuid_v7()),
      turn_upto = coalesce(m.turn_upto, case when m.coalesces then m.last_seq else m.done_seq + 1 end)
    from locked where m.key = locked.key returning m as box
  )
  select coalesce(jsonb_agg(mailbox_turn(box) order by (box).run_at), '[]') into v_turns from claimed;

  return jsonb_build_object('turns', v_turns, 'isBehind', exists (
    select 1 from mailboxes where owner is null and last_seq > done_seq and run_at <= v_now
  ), 'nextDueMs', (
    select greatest(0, ceil(extract(epoch from min(run_at) - clock_timestamp()) * 1000))
    from mailboxes where owner is null and last_seq > done_seq and run_at > v_now));
end $function$;
alter routine mailbox_claim(text,integer,integer,integer) owner to parley_system;
revoke all on routine mailbox_claim(text,integer,integer,integer) from public;
grant execute on routine mailbox_claim(text,integer,integer,integer) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_claim_key(p_worker text, p_key text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_box mailboxes;
begin
  update mailboxes set
    owner = p_worker, fence = fence + 1, attempt = attempt + 1, turn_id = coalesce(turn_id, uuid_v7()),
    turn_upto = coalesce(turn_upto, case when coalesces then last_seq else done_seq + 1 end)
  where key = p_key and owner is null and last_seq > done_seq and run_at <= clock_timestamp()
  returning * into v_box;
  return case when v_box.key is not null then mailbox_turn(v_box) end;
end $function$;
alter routine mailbox_claim_key(text,text) owner to parley_system;
revoke all on routine mailbox_claim_key(text,text) from public;
grant execute on routine mailbox_claim_key(text,text) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_due_ms(p_key text)
 RETURNS double precision
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select greatest(0, ceil(extract(epoch from run_at - clock_timestamp()) * 1000))::double precision
  from mailboxes where key = p_key and owner is null and last_seq > done_seq
$function$;
alter routine mailbox_due_ms(text) owner to parley_system;
revoke all on routine mailbox_due_ms(text) from public;
grant execute on routine mailbox_due_ms(text) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_finish(p_key text, p_fence bigint, p_worker text, p_status text, p_error_code text, p_next_ms bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_box mailboxes;
  v_now timestamptz;
  v_more boolean;
begin
  -- as mailbox_own does, without the cost of one more call for each message
  select * into v_box from mailboxes where key = p_key and fence = p_fence and owner = p_worker for no key update;
  if not found then return null; end if;
  v_now := clock_timestamp();
  if p_key like 'schedule:%' and p_status = 'failed' then
    perform record_alert(null, 'error', 'schedule_failed', p_error_code,
      'The schedule ' || v_box.handler || ' failed. It runs again in a minute.',
      p_turn_id => v_box.turn_id, p_case => v_box.handler);
  end if;
  if p_key like 'schedule:%' and p_next_ms is null then p_next_ms := 60000; end if;
  v_more := p_next_ms is null and v_box.last_seq > v_box.turn_upto and v_box.run_at <= v_now;
  insert into turns (id, organization_id, key, handler, upto, messages, status, attempt, error_code, queued_at)
  values (v_box.turn_id, v_box.organization_id, p_key, v_box.handler, v_box.turn_upto,
    first_messages(v_box.messages, v_box.turn_upto - v_box.done_seq),
    p_status, v_box.attempt, p_error_code, v_box.first_at);
  update mailboxes set
    messages = later_messages(messages, turn_upto - done_seq), steps = '[]', stepped_at = null,
    done_seq = v_box.turn_upto,
    last_seq = case when p_next_ms is null then last_seq else v_box.turn_upto + 1 end,
    run_at = case when p_next_ms is null then run_at else v_now + p_next_ms * interval '1 millisecond' end,
    first_at = case when p_next_ms is null then first_at end,
    error_code = null, superseded = 0, hastened = false,
    owner = case when v_more then p_worker end,
    attempt = case when v_more then 1 else 0 end,
    turn_id = case when v_more then uuid_v7() end,
    turn_upto = case when v_more then case when coalesces then last_seq else v_box.turn_upto + 1 end end
  where key = p_key returning * into v_box;
  return jsonb_build_object(
    'turn', case when v_more then mailbox_turn(v_box) end,
    'dueMs', case when not v_more and v_box.last_seq > v_box.done_seq
      then greatest(0, ceil(extract(epoch from v_box.run_at - v_now) * 1000)) end);
end $function$;
alter routine mailbox_finish(text,bigint,text,text,text,bigint) owner to parley_system;
revoke all on routine mailbox_finish(text,bigint,text,text,text,bigint) from public;
grant execute on routine mailbox_finish(text,bigint,text,text,text,bigint) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_free_unknown(p_worker text, p_known_keys text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_freed integer;
begin
  update mailboxes set owner = null, fence = fence + 1
  where owner = p_worker and key <> all (p_known_keys);
  get diagnostics v_freed = row_count;
  return v_freed;
end $function$;
alter routine mailbox_free_unknown(text,text[]) owner to parley_system;
revoke all on routine mailbox_free_unknown(text,text[]) from public;
grant execute on routine mailbox_free_unknown(text,text[]) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_hasten(p_key text, p_turn_id uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  update mailboxes set hastened = owner is not null,
    run_at = case when owner is null then least(run_at, clock_timestamp()) else run_at end
  where key = p_key and turn_id = p_turn_id
  returning true
$function$;
alter routine mailbox_hasten(text,uuid) owner to parley_system;
revoke all on routine mailbox_hasten(text,uuid) from public;
grant execute on routine mailbox_hasten(text,uuid) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_own(p_key text, p_fence bigint, p_worker text)
 RETURNS mailboxes
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_box mailboxes;
begin
  select * into v_box from mailboxes where key = p_key and fence = p_fence and owner = p_worker for no key update;
  return v_box;
end $function$;
alter routine mailbox_own(text,bigint,text) owner to parley_system;
revoke all on routine mailbox_own(text,bigint,text) from public;
grant execute on routine mailbox_own(text,bigint,text) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_post(p_key text, p_organization_id uuid, p_handler text, p_coalesces boolean, p_payload jsonb, p_wait_ms integer DEFAULT 0, p_longest_wait_ms integer DEFAULT 5000)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_wait interval := make_interval(secs => p_wait_ms / 1000.0);
  v_longest interval := make_interval(secs => greatest(p_longest_wait_ms, p_wait_ms) / 1000.0);
  v_seq bigint;
begin
  loop
    update mailboxes set
      last_seq = last_seq + 1,
      messages = messages || jsonb_build_array(p_payload),
      first_at = case when last_seq = coalesce(turn_upto, done_seq) then clock_timestamp() else first_at end,
      run_at = case
        when owner is null and turn_upto is not null then run_at -- backing off: keep
        when last_seq = coalesce(turn_upto, done_seq) then clock_timestamp() + v_wait
        else greatest(clock_timestamp(), least(first_at + v_longest, clock_timestamp() + v_wait)) end
    where key = p_key
    returning last_seq into v_seq;
    if found then return v_seq; end if;
    insert into mailboxes (key, organization_id, handler, lane, coalesces)
    values (p_key, p_organization_id, p_handler,
      coalesce(p_organization_id::text, '') || case when p_handler = 'document' then ' documents' else '' end,
      p_coalesces)
    on conflict (key) do nothing;
  end loop;
end $function$;
alter routine mailbox_post(text,uuid,text,boolean,jsonb,integer,integer) owner to parley_system;
revoke all on routine mailbox_post(text,uuid,text,boolean,jsonb,integer,integer) from public;
grant execute on routine mailbox_post(text,uuid,text,boolean,jsonb,integer,integer) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_release(p_key text, p_fence bigint, p_worker text, p_error_code text, p_wait_ms bigint, p_counts boolean, p_for_news boolean)
 RETURNS double precision
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  update mailboxes set owner = null, error_code = p_error_code,
    attempt = case when p_counts then attempt else attempt - 1 end, hastened = false,
    run_at = clock_timestamp()
      + case when hastened and p_for_news then 0 else p_wait_ms end * interval '1 millisecond'
  where key = p_key and fence = p_fence and owner = p_worker
  returning greatest(0, ceil(extract(epoch from run_at - clock_timestamp()) * 1000))
$function$;
alter routine mailbox_release(text,bigint,text,text,bigint,boolean,boolean) owner to parley_system;
revoke all on routine mailbox_release(text,bigint,text,text,bigint,boolean,boolean) from public;
grant execute on routine mailbox_release(text,bigint,text,text,bigint,boolean,boolean) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_schedule(p_name text, p_handler text, p_first_ms bigint)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  insert into mailboxes (key, handler, lane, last_seq, run_at)
  values ('schedule:' || p_name, p_handler, '', 1, clock_timestamp() + p_first_ms * interval '1 millisecond')
  on conflict (key) do update set last_seq = mailboxes.last_seq + 1, run_at = excluded.run_at
  where mailboxes.owner is null and mailboxes.last_seq = mailboxes.done_seq
$function$;
alter routine mailbox_schedule(text,text,bigint) owner to parley_system;
revoke all on routine mailbox_schedule(text,text,bigint) from public;
grant execute on routine mailbox_schedule(text,text,bigint) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_supersede(p_key text, p_fence bigint, p_worker text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_box mailboxes := mailbox_own(p_key, p_fence, p_worker);
begin
  if v_box.key is null then return null; end if;
  insert into turns (id, organization_id, key, handler, upto, messages, status, attempt, queued_at)
  values (v_box.turn_id, v_box.organization_id, p_key, v_box.handler, v_box.turn_upto,
    first_messages(v_box.messages, v_box.turn_upto - v_box.done_seq), 'superseded', v_box.attempt, v_box.first_at);
  update mailboxes set owner = null, turn_id = null, turn_upto = null, attempt = 0, error_code = null,
    superseded = superseded + 1, hastened = false, steps = '[]', stepped_at = null
  where key = p_key returning * into v_box;
  return jsonb_build_object('turn', null,
    'dueMs', greatest(0, ceil(extract(epoch from v_box.run_at - clock_timestamp()) * 1000)));
end $function$;
alter routine mailbox_supersede(text,bigint,text) owner to parley_system;
revoke all on routine mailbox_supersede(text,bigint,text) from public;
grant execute on routine mailbox_supersede(text,bigint,text) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_sweep(p_worker text, p_dead_after_ms integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_freed integer;
begin
  delete from workers where id in (
    select w.id from workers w
    where w.id <> p_worker and (
      w.seen_at < clock_timestamp() - p_dead_after_ms * interval '1 millisecond'
      or not exists (
        select 1 from pg_locks l
        where l.locktype = 'advisory' and l.classid = 4242 and l.objid = w.lock_key::oid
          and l.objsubid = 2 and l.granted
          and l.database = (select oid from pg_database where datname = current_database())))
    for update skip locked);
  update mailboxes m set owner = null, fence = m.fence + 1, run_at = least(m.run_at, clock_timestamp())
  where m.owner is not null and not exists (select 1 from workers w where w.id = m.owner);
  get diagnostics v_freed = row_count;
  return v_freed;
end $function$;
alter routine mailbox_sweep(text,integer) owner to parley_system;
revoke all on routine mailbox_sweep(text,integer) from public;
grant execute on routine mailbox_sweep(text,integer) to parley_app;

CREATE OR REPLACE FUNCTION public.mailbox_turn(p_box mailboxes)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
begin
  return jsonb_build_object(
    'key', p_box.key, 'organizationId', p_box.organization_id, 'handler', p_box.handler,
    'fence', p_box.fence, 'attempt', p_box.attempt, 'turnId', p_box.turn_id,
    'queuedMs', greatest(0, round(extract(epoch from clock_timestamp() - coalesce(p_box.first_at, p_box.run_at)) * 1000)),
    'messages', first_messages(p_box.messages, p_box.turn_upto - p_box.done_seq),
    'steps', p_box.steps);
end $function$;
alter routine mailbox_turn(mailboxes) owner to parley_system;
revoke all on routine mailbox_turn(mailboxes) from public;
grant execute on routine mailbox_turn(mailboxes) to parley_app;

CREATE OR REPLACE FUNCTION public.merge_contacts(p_organization_id uuid, p_kept uuid, p_other uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_kept_conversation uuid;
begin
  update contacts set merged_into = p_kept where id = p_other;
  update contacts k set
    phone = coalesce(k.phone, o.phone), user_id = coalesce(k.user_id, o.user_id),
    profile_name = coalesce(k.profile_name, o.profile_name), username = coalesce(k.username, o.username),
    language = coalesce(k.language, o.language),
    opted_out_at = coalesce(k.opted_out_at, o.opted_out_at), attributes = o.attributes || k.attributes
  from contacts o where k.id = p_kept and o.id = p_other;
  select id into v_kept_conversation from conversations where contact_id = p_kept;
  if v_kept_conversation is null then
    update conversations set contact_id = p_kept where contact_id = p_other;
  else
    update messages set conversation_id = v_kept_conversation
    where conversation_id = (select id from conversations where contact_id = p_other);
    -- who waits for a colleague goes on waiting
    update conversations k set status = o.status, paused_at = o.paused_at, paused_until = o.paused_until,
      paused_reason = o.paused_reason, pause_announced = o.pause_announced
    from conversations o
    where k.id = v_kept_conversation and o.contact_id = p_other and is_paused(o) and not is_paused(k);
    update conversation_notes set conversation_id = v_kept_conversation
    where conversation_id = (select id from conversations where contact_id = p_other);
    update conversations set status = 'merged' where contact_id = p_other;
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.nearest_by_own_index(p_chatbot_id uuid, p_signs bit)
 RETURNS TABLE(id bigint, apart double precision)
 LANGUAGE plpgsql
 STABLE
 SET enable_sort TO 'off'
 SET jit TO 'off'
AS $function$
begin
  -- here and not above: a restore that is no superuser may not attach settings of extensions
  perform set_config('hnsw.ef_search', '800', true), set_config('hnsw.iterative_scan', 'relaxed_order', true);
  return query execute format(
    'select c.id, c.embedding_bits <~> $1
     from document_chunks c
     where c.chatbot_id = %1$L and c.version_id <> all (array(
       select v.id from source_versions v where v.chatbot_id = %1$L and v.state <> ''live''))
     order by c.embedding_bits <~> $1 limit 800', p_chatbot_id) using p_signs;
end $function$;

CREATE OR REPLACE FUNCTION public.nearest_by_signs(p_chatbot_id uuid, p_signs bit, p_limit integer)
 RETURNS TABLE(id bigint, apart double precision)
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return query
    select c.id, c.embedding_bits <~> p_signs -- as it is ordered by, so computed once
    from document_chunks c
    where c.chatbot_id = p_chatbot_id and c.version_id <> all (array(
      select v.id from source_versions v where v.chatbot_id = p_chatbot_id and v.state <> 'live'))
    order by c.embedding_bits <~> p_signs limit p_limit;
end $function$;

CREATE OR REPLACE FUNCTION public.nearest_passages(p_chatbot_id uuid, p_embedding vector, p_limit integer)
 RETURNS TABLE(id bigint, distance double precision)
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_embedding halfvec(1536) := p_embedding;
  v_signs bit(1536) := binary_quantize(p_embedding);
  v_first integer := greatest(100, 2 * p_limit);
  v_by_index boolean := exists (
    select 1 from pg_index where indexrelid = to_regclass(own_index_name(p_chatbot_id)) and indisvalid);
  v_ids bigint[]; -- nearest by signs first
  v_apart double precision[];
  v_compared bigint[];
  v_distances double precision[];
  v_share double precision;
  v_worth_it integer;
begin
  if p_embedding is null then return; end if;
  loop
    if v_by_index then
      select array_agg(s.id order by s.apart), array_agg(s.apart order by s.apart) into v_ids, v_apart
      from nearest_by_own_index(p_chatbot_id, v_signs) s;
    else
      select array_agg(s.id), array_agg(s.apart) into v_ids, v_apart
      from nearest_by_signs(p_chatbot_id, v_signs, greatest(4000, v_first)) s;
    end if;
    select array_agg(c.id), array_agg(c.distance) into v_compared, v_distances
    from (
      select d.id, d.distance from distances_of(v_ids[1:v_first], v_embedding) d order by d.distance
    ) c;
    -- an embedding of nothing but zeros has no angle
    exit when v_ids is null or cardinality(v_ids) <= v_first or v_distances[p_limit] = 'NaN';
    v_share := acos(1 - v_distances[p_limit]) / pi();
    -- two and a half standard deviations: measured with the hardest vectors (docs/benchmarks.md)
    v_worth_it := width_bucket(1536 * v_share + 2.5 * sqrt(1536 * v_share * (1 - v_share)), v_apart);
    exit when not v_by_index or v_worth_it < cardinality(v_ids);
    v_by_index := false; -- what may be near lies beyond what the index has found
  end loop;
  return query select * from unnest(v_compared, v_distances);
  if v_worth_it > v_first then
    return query select * from distances_of(v_ids[v_first + 1:v_worth_it], v_embedding);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.own_index_name(p_chatbot_id uuid)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select 'document_chunks_near_' || replace(p_chatbot_id::text, '-', '')
$function$;

CREATE OR REPLACE FUNCTION public.pause_conversation(p_conversation_id uuid, p_minutes integer, p_announced boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_conversation conversations;
begin
  select * into v_conversation from conversations
  where id = p_conversation_id and status <> 'merged' for no key update;
  if not found then return; end if;
  update conversations set status = 'human', paused_reason = 'operator',
    paused_at = case when is_paused(v_conversation) then v_conversation.paused_at else now() end,
    paused_until = case
      when p_minutes is null then now() + handoff_timeout(chatbot_id)
      when p_minutes > 0 then now() + make_interval(mins => p_minutes) end,
    pause_announced = p_announced or (is_paused(v_conversation) and v_conversation.pause_announced)
  where id = p_conversation_id;
  if p_announced and not (is_paused(v_conversation) and v_conversation.pause_announced) then
    perform mailbox_post('conversation:' || p_conversation_id, v_conversation.organization_id, 'conversation', true,
      '{"notice": "handed over"}');
  end if;
end $function$;

CREATE OR REPLACE FUNCTION public.pause_for_phone_app(p_conversation_id uuid, p_sent_at timestamp with time zone, p_until timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  update conversations c set
    status = 'human', paused_reason = 'phone app',
    paused_at = case when is_paused(c) then c.paused_at else now() end,
    pause_announced = is_paused(c) and c.pause_announced,
    paused_until = case
      when not is_paused(c) then p_until
      when c.paused_until is null then null
      when c.paused_reason = 'handoff' then p_until
      else greatest(c.paused_until, p_until) end
  where c.id = p_conversation_id and p_until > now()
    and not (is_paused(c) and c.paused_reason = 'handoff'
      and p_sent_at < date_trunc('second', c.paused_at)) -- Meta tells whole seconds
$function$;

CREATE OR REPLACE FUNCTION public.post_due_syncs(p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_source record;
  v_posted integer := 0;
begin
  for v_source in
    select id, organization_id from knowledge_sources
    where next_sync_at <= now() and removed_at is null and status in ('synced', 'failed')
    order by next_sync_at limit p_limit
  loop
    -- the mailbox first, as everybody who writes for a turn does: no deadlock
    perform mailbox_post('document:' || v_source.id, v_source.organization_id, 'document', true,
      '{"kind": "sync"}');
    update knowledge_sources set next_sync_at = now() + sync_interval_minutes * interval '1 minute'
    where id = v_source.id;
    v_posted := v_posted + 1;
  end loop;
  return v_posted;
end $function$;
alter routine post_due_syncs(integer) owner to parley_system;
revoke all on routine post_due_syncs(integer) from public;
grant execute on routine post_due_syncs(integer) to parley_app;

CREATE OR REPLACE FUNCTION public.publish_prompt()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.queue_media_removal()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into obsolete_media (storage_key) values (old.storage_key) on conflict do nothing;
  return null;
end $function$;
alter routine queue_media_removal() owner to parley_system;
revoke all on routine queue_media_removal() from public;

CREATE OR REPLACE FUNCTION public.recheck_active_chatbot()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update usage_summary set updated_at = now()
  where organization_id = new.organization_id and limit_reached_at is not null;
  return null;
end $function$;
alter routine recheck_active_chatbot() owner to parley_system;
revoke all on routine recheck_active_chatbot() from public;
grant execute on routine recheck_active_chatbot() to parley_app;

CREATE OR REPLACE FUNCTION public.recheck_chatbot_spend()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update chatbot_spend set updated_at = now() where chatbot_id = new.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.recheck_usage_limits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update usage_summary set check_from_messages = 0 where organization_id = new.id;
  return null;
end $function$;
alter routine recheck_usage_limits() owner to parley_system;
revoke all on routine recheck_usage_limits() from public;
grant execute on routine recheck_usage_limits() to parley_app;

CREATE OR REPLACE FUNCTION public.record_alert(p_organization_id uuid, p_severity text, p_alert_type text, p_error_code text, p_message text, p_chatbot_id uuid DEFAULT NULL::uuid, p_flow_id text DEFAULT NULL::text, p_turn_id uuid DEFAULT NULL::uuid, p_step_id text DEFAULT NULL::text, p_details jsonb DEFAULT '{}'::jsonb, p_case text DEFAULT NULL::text)
 RETURNS TABLE(id uuid, is_new boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;
alter routine record_alert(uuid,text,text,text,text,uuid,text,uuid,text,jsonb,text) owner to parley_system;
revoke all on routine record_alert(uuid,text,text,text,text,uuid,text,uuid,text,jsonb,text) from public;
grant execute on routine record_alert(uuid,text,text,text,text,uuid,text,uuid,text,jsonb,text) to parley_app;

CREATE OR REPLACE FUNCTION public.record_unrouted_change(p_phone_number_id text, p_field text, p_payload jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  insert into webhook_events (phone_number_id, field, outcome, payload)
  values (p_phone_number_id, p_field, 'unrouted', p_payload)
$function$;
alter routine record_unrouted_change(text,text,jsonb) owner to parley_system;
revoke all on routine record_unrouted_change(text,text,jsonb) from public;
grant execute on routine record_unrouted_change(text,text,jsonb) to parley_app;

CREATE OR REPLACE FUNCTION public.reset_billing_period(ended_by timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS TABLE(organization_id uuid, name text, messages integer, tokens bigint, previous_period_start timestamp with time zone, current_period_start timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;
alter routine reset_billing_period(timestamp with time zone) owner to parley_system;
revoke all on routine reset_billing_period(timestamp with time zone) from public;
grant execute on routine reset_billing_period(timestamp with time zone) to parley_app;

CREATE OR REPLACE FUNCTION public.resolve_contact(p_organization_id uuid, p_chatbot_id uuid, p_person jsonb)
 RETURNS uuid
 LANGUAGE plpgsql
AS $function$
declare
  v_phone text := p_person ->> 'phone';
  v_user_id text := p_person ->> 'userId';
  v_found uuid[];
  v_ids uuid[];
begin
  -- mostly they are known, and under the same names: one look-up, and nothing to write
  select array[id] into v_ids from contacts
  where chatbot_id = p_chatbot_id and phone = v_phone and merged_into is null
    and (user_id, parent_user_id, username, profile_name) is not distinct from (
      coalesce(v_user_id, user_id), coalesce(p_person ->> 'parentUserId', parent_user_id),
      coalesce(p_person ->> 'username', username), coalesce(p_person ->> 'profileName', profile_name))
  for no key update;
  if found then return v_ids[1]; end if;

  for attempt in 1..10 loop
    -- two look-ups and not one with "or", which reads all contacts of the chatbot
    select array_agg(id order by id) into v_found from (
      select id from contacts
      where chatbot_id = p_chatbot_id and phone = v_phone and merged_into is null
      union
      select id from contacts
      where chatbot_id = p_chatbot_id and user_id = v_user_id and merged_into is null) found;
    -- one that was merged while we waited for its lock lives on in another: look again
    select array_agg(id order by id) into v_ids from (
      select id from contacts where id = any (v_found) and merged_into is null
      order by id for no key update) locked;
    exit when v_ids = v_found;
    if v_found is null then
      insert into contacts (organization_id, chatbot_id, phone, user_id, parent_user_id, username, profile_name)
      values (p_organization_id, p_chatbot_id, v_phone, v_user_id, p_person ->> 'parentUserId',
        p_person ->> 'username', p_person ->> 'profileName')
      on conflict do nothing returning array[id] into v_ids;
      if v_ids is not null then return v_ids[1]; end if; -- otherwise somebody was faster: look again
    end if;
    v_ids := null;
  end loop;
  if v_ids is null then
    raise serialization_failure using message = 'The contact was changed by others all the time';
  end if;

  if v_ids[2] is not null then
    perform merge_contacts(p_organization_id, v_ids[1], v_ids[2]);
  end if;
  update contacts set
    phone = coalesce(v_phone, phone), user_id = coalesce(v_user_id, user_id),
    parent_user_id = coalesce(p_person ->> 'parentUserId', parent_user_id),
    username = coalesce(p_person ->> 'username', username),
    profile_name = coalesce(p_person ->> 'profileName', profile_name)
  where id = v_ids[1] and (phone, user_id, parent_user_id, username, profile_name) is distinct from (
    coalesce(v_phone, phone), coalesce(v_user_id, user_id),
    coalesce(p_person ->> 'parentUserId', parent_user_id),
    coalesce(p_person ->> 'username', username), coalesce(p_person ->> 'profileName', profile_name));
  return v_ids[1];
end $function$;

CREATE OR REPLACE FUNCTION public.route_phone_number(p_phone_number_id text)
 RETURNS TABLE(organization_id uuid, chatbot_id uuid, sealed_app_secret text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return query select c.organization_id, c.id, c.whatsapp_app_secret from chatbots c
    where c.whatsapp_phone_number_id = p_phone_number_id;
end $function$;
alter routine route_phone_number(text) owner to parley_system;
revoke all on routine route_phone_number(text) from public;
grant execute on routine route_phone_number(text) to parley_app;

CREATE OR REPLACE FUNCTION public.search_knowledge(p_chatbot_id uuid, p_embedding vector, p_terms integer[], p_limit integer DEFAULT 5, p_vector_weight double precision DEFAULT 1, p_lexical_weight double precision DEFAULT 1)
 RETURNS TABLE(id bigint, source_id uuid, source_name text, content text, page integer, headings text[], similarity double precision, lexical double precision, score double precision)
 LANGUAGE sql
 STABLE
AS $function$
  with idf as materialized (
    select t.term, ln(1 + (n.document_frequency - t.document_frequency + 0.5) / (t.document_frequency + 0.5)) as weight
    from chatbot_terms n
    join chatbot_terms t on t.chatbot_id = n.chatbot_id and t.term = any (p_terms)
      and t.term > 0 and t.document_frequency > 0
    where n.chatbot_id = p_chatbot_id and n.term = 0
  ), question as materialized (
    select ('{' || string_agg(term || ':' || round(weight::numeric, 4), ',' order by term)
      || '}/1000000000')::sparsevec(1000000000) as terms
    from idf
  ), by_vector as materialized (
    select n.id, n.distance from nearest_passages(p_chatbot_id, p_embedding, p_limit) n
    order by n.distance limit greatest(50, p_limit)
  ), by_terms as materialized (
    select c.chunk_id as id, c.terms <#> q.terms as distance
    from chunk_terms c, question q
    where c.chatbot_id = p_chatbot_id and q.terms is not null
      and c.version_id <> all (array(
        select v.id from source_versions v where v.chatbot_id = p_chatbot_id and v.state <> 'live'))
    order by distance limit greatest(50, p_limit)
  ), legs as (
    select id, p_vector_weight / (60 + row_number() over (order by distance, id)) as part from by_vector
    union all
    select id, p_lexical_weight / (60 + row_number() over (order by distance, id)) from by_terms where distance < 0
  ), best as (
    select id, sum(part) as score from legs group by id order by score desc, id limit p_limit
  )
  select k.id, k.source_id, s.name, k.content, k.page, k.headings,
    1 - (k.embedding <=> (select p_embedding::halfvec(1536))), -coalesce(t.distance, 0), best.score
  from best
  cross join lateral (select * from document_chunks c where c.id = best.id offset 0) k -- as in distances_of
  join knowledge_sources s on s.id = k.source_id
  left join by_terms t on t.id = best.id
  order by best.score desc, k.id
$function$;

CREATE OR REPLACE FUNCTION public.search_knowledge_base(chatbot_id uuid, query_embedding vector, top_k integer DEFAULT 5, threshold double precision DEFAULT 0.7)
 RETURNS TABLE(id bigint, source_id uuid, content text, similarity double precision, source_name text, page integer)
 LANGUAGE sql
 STABLE
AS $function$
  with best as (
    select n.id, 1 - n.distance as similarity
    from nearest_passages(search_knowledge_base.chatbot_id, query_embedding, top_k) n
    where 1 - n.distance >= threshold
    order by n.distance, n.id limit top_k
  )
  select b.id, c.source_id, c.content, b.similarity, s.name, c.page
  from best b
  cross join lateral (select * from document_chunks k where k.id = b.id offset 0) c -- as in distances_of
  join knowledge_sources s on s.id = c.source_id
  order by b.similarity desc, b.id
$function$;

CREATE OR REPLACE FUNCTION public.spend_ceiling(p_settings jsonb, p_name text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when jsonb_typeof(p_settings -> p_name) = 'number' then (p_settings ->> p_name)::numeric::bigint end
$function$;

CREATE OR REPLACE FUNCTION public.start_chatbot_spend()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into chatbot_spend (chatbot_id, organization_id) values (new.id, new.organization_id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.start_prompt()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  v_id uuid;
begin
  insert into prompt_versions (organization_id, chatbot_id, number, status, content, author)
  values (new.organization_id, new.id, 1, 'archived', jsonb_build_object('systemPrompt', new.system_prompt),
    coalesce(nullif(current_setting('app.author', true), ''), session_user))
  returning id into v_id;
  update chatbots set published_prompt_id = v_id where id = new.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.start_usage_summary()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into usage_summary (organization_id, current_period_start) values (new.id, new.billing_period_start);
  return null;
end $function$;
alter routine start_usage_summary() owner to parley_system;
revoke all on routine start_usage_summary() from public;
grant execute on routine start_usage_summary() to parley_app;

CREATE OR REPLACE FUNCTION public.switch_embedding_model(p_chatbot_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  v_chatbot chatbots;
begin
  select * into v_chatbot from chatbots where id = p_chatbot_id for no key update;
  if v_chatbot.next_embedding_model is null or exists (
    select 1 from source_versions live
    where live.chatbot_id = p_chatbot_id and live.state = 'live'
      and live.embedding_model <> v_chatbot.next_embedding_model and not exists (
        select 1 from source_versions ready
        where ready.source_id = live.source_id and ready.state = 'ready'
          and ready.embedding_model = v_chatbot.next_embedding_model and ready.fingerprint = live.fingerprint)
  ) then
    return false;
  end if;
  update source_versions set state = 'retired'
  where chatbot_id = p_chatbot_id and state = 'live' and embedding_model <> v_chatbot.next_embedding_model;
  update source_versions set state = 'live'
  where chatbot_id = p_chatbot_id and state = 'ready' and embedding_model = v_chatbot.next_embedding_model;
  -- a threshold means nothing to another model
  update chatbots set embedding_model = next_embedding_model, next_embedding_model = null, similarity_threshold = null
  where id = p_chatbot_id;
  perform mailbox_post('knowledge-sweep:' || p_chatbot_id, v_chatbot.organization_id, 'knowledge-sweep', true, '{}');
  return true;
end $function$;

CREATE OR REPLACE FUNCTION public.term_ids(p_terms sparsevec)
 RETURNS SETOF integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select 0
  union all
  select split_part(entry, ':', 1)::integer
  from string_to_table(btrim(split_part(p_terms::text, '/', 1), '{}'), ',') entry where entry <> ''
$function$;

CREATE OR REPLACE FUNCTION public.touch_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.updated_at := now();
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.uuid_v7()
 RETURNS uuid
 LANGUAGE sql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.write_turn_effects(p_effects jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_organization_id uuid := p_effects ->> 'organizationId';
  v_chatbot_id uuid := p_effects ->> 'chatbotId';
  v_conversation_id uuid := p_effects ->> 'conversationId';
  v_turn_id uuid := p_effects ->> 'turnId';
  v_usage jsonb := nullif(p_effects -> 'usage', 'null');
  v_is_answer boolean := p_effects ->> 'purpose' = 'answer';
  v_sent jsonb;
begin
  for v_sent in select jsonb_array_elements(p_effects -> 'sent') loop
    update outbound_messages set state = 'sent', whatsapp_message_id = v_sent ->> 'whatsappMessageId'
    where id = (v_sent ->> 'id')::uuid and state <> 'sent';
  end loop;

  insert into messages (organization_id, chatbot_id, conversation_id, direction, author, type, content,
    data, tool_calls, whatsapp_message_id, turn_id, prompt_version, sent_at)
  select v_organization_id, v_chatbot_id, v_conversation_id, 'outbound', 'bot', h.type, h.content,
    h.data, h."toolCalls", h."whatsappMessageId", v_turn_id,
    (p_effects ->> 'promptVersion')::integer, h."sentAt"
  from jsonb_to_recordset(p_effects -> 'history')
    as h (type text, content text, data jsonb, "toolCalls" jsonb, "whatsappMessageId" text, "sentAt" timestamptz)
  on conflict (chatbot_id, whatsapp_message_id) do nothing;

  if nullif(p_effects -> 'handoff', 'null') is not null then
    perform hand_over(v_conversation_id, p_effects -> 'handoff', v_turn_id);
  end if;

  if p_effects -> 'toolExecutions' <> '[]' then
    insert into tool_executions (organization_id, chatbot_id, conversation_id, turn_id, step_id, tool_call_id,
      integration_id, tool_name, tool_type, effects, arguments, result, status, error_code, error_message, duration_ms)
    select v_organization_id, v_chatbot_id, v_conversation_id, v_turn_id, e."stepId", e."toolCallId",
      -- it may have been removed meanwhile
      (select i.id from org_integrations i where i.id = e."integrationId"),
      e.name, e.type, e.effects, e.arguments, e.result, e.status, e."errorCode", e."errorMessage", e."durationMs"
    from jsonb_to_recordset(p_effects -> 'toolExecutions')
      as e ("stepId" text, "toolCallId" text, "integrationId" uuid, name text, type text, effects text,
        arguments jsonb, result jsonb, status text, "errorCode" text, "errorMessage" text, "durationMs" integer)
    on conflict (turn_id, step_id) do nothing;
  end if;

  if v_is_answer and jsonb_typeof(p_effects -> 'confirmation') = 'object' then
    update tool_confirmations set state = 'replaced' where conversation_id = v_conversation_id and state = 'pending';
    insert into tool_confirmations (id, organization_id, chatbot_id, conversation_id, integration_id, tool_name,
      tool_call_id, arguments)
    select v_turn_id, v_organization_id, v_chatbot_id, v_conversation_id, i.id, c.name, c."toolCallId", c.arguments
    from jsonb_to_record(p_effects -> 'confirmation')
        as c (name text, "toolCallId" text, "integrationId" uuid, arguments text)
      join org_integrations i on i.id = c."integrationId" -- it may have been removed meanwhile
    on conflict (id) do nothing;
  end if;

  if v_usage is not null then
    insert into usage_logs (organization_id, chatbot_id, conversation_id, turn_id, kind, model,
      tokens_prompt, tokens_cached, tokens_completion, tokens_total, cost_micros)
    values (v_organization_id, case when v_is_answer then v_chatbot_id end, v_conversation_id, v_turn_id,
      p_effects ->> 'purpose', v_usage ->> 'model', (v_usage ->> 'tokensPrompt')::integer,
      (v_usage ->> 'tokensCached')::integer, (v_usage ->> 'tokensCompletion')::integer,
      (v_usage ->> 'tokensPrompt')::integer + (v_usage ->> 'tokensCompletion')::integer,
      (v_usage ->> 'costMicros')::bigint);
  end if;

  if p_effects ->> 'language' is not null then
    -- finish_turn has done it already. After a superseded or failed turn the mailbox is locked, behind which
    -- nobody may wait for a contact (accept_message locks them the other way round): if it is locked, the
    -- next turn tells its language again.
    update contacts set language = p_effects ->> 'language'
    where id = (select id from contacts where id = (p_effects ->> 'contactId')::uuid
      and language is distinct from p_effects ->> 'language' for no key update skip locked);
  end if;

  -- late, because all turns of an organization lock this row
  update usage_summary set
    current_period_messages = current_period_messages + v_is_answer::integer,
    current_period_tokens = current_period_tokens
      + coalesce((v_usage ->> 'tokensPrompt')::integer + (v_usage ->> 'tokensCompletion')::integer, 0)
  where organization_id = v_organization_id;
  if v_usage is not null then
    perform add_chatbot_spend(v_organization_id, v_chatbot_id, (v_usage ->> 'costMicros')::bigint,
      (v_usage ->> 'costMicros' is null)::integer);
  end if;
end $function$;


-- Tables

create table accounts (
  id uuid not null default uuid_v7(),
  user_id uuid not null,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  password text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_provider_id_account_id_key UNIQUE (provider_id, account_id),
  constraint accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX accounts_user ON public.accounts USING btree (user_id);
grant delete, insert, select, update on accounts to parley_auth;

create table api_keys (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  name text not null,
  prefix text not null,
  key_hash bytea not null,
  scopes text[] not null default '{}'::text[],
  created_by uuid,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_key_hash_key UNIQUE (key_hash),
  constraint api_keys_organization_id_id_key UNIQUE (organization_id, id),
  constraint api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL,
  constraint api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint api_keys_key_hash_check CHECK ((octet_length(key_hash) = 32)),
  constraint api_keys_name_check CHECK ((name <> ''::text))
);
CREATE INDEX api_keys_created_by ON public.api_keys USING btree (created_by) WHERE (created_by IS NOT NULL);
CREATE INDEX api_keys_organization ON public.api_keys USING btree (organization_id, created_at DESC);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy system_rows on api_keys for all to parley_system using (true);
create policy tenant_rows on api_keys for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on api_keys to parley_app;
grant delete, insert, select, update on api_keys to parley_system;

create table audit_logs (
  id uuid not null default uuid_v7(),
  organization_id uuid,
  actor_type text not null,
  actor_id text,
  action text not null,
  target_type text,
  target_id text,
  changes jsonb not null default '{}'::jsonb,
  ip_address text,
  user_agent text,
  created_at timestamp with time zone not null default now(),
  constraint audit_logs_pkey PRIMARY KEY (id),
  constraint audit_logs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint audit_logs_action_check CHECK ((action <> ''::text)),
  constraint audit_logs_actor_type_check CHECK ((actor_type = ANY (ARRAY['user'::text, 'api_key'::text, 'operator'::text, 'system'::text])))
);
CREATE INDEX audit_logs_organization ON public.audit_logs USING btree (organization_id, created_at DESC);
CREATE INDEX audit_logs_target ON public.audit_logs USING btree (target_type, target_id);
alter table audit_logs enable row level security;
alter table audit_logs force row level security;
create policy system_rows on audit_logs for all to parley_system using (true);
create policy tenant_rows on audit_logs for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant insert, select on audit_logs to parley_app;
grant delete, insert, select, update on audit_logs to parley_system;

create table chatbot_integrations (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  integration_id uuid not null,
  enabled boolean not null default true,
  tool_config jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint chatbot_integrations_pkey PRIMARY KEY (id),
  constraint chatbot_integrations_chatbot_id_integration_id_key UNIQUE (chatbot_id, integration_id),
  constraint chatbot_integrations_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint chatbot_integrations_organization_id_integration_id_fkey FOREIGN KEY (organization_id, integration_id) REFERENCES org_integrations(organization_id, id) ON DELETE CASCADE,
  constraint chatbot_integrations_tool_config_check CHECK ((jsonb_typeof(tool_config) = 'object'::text))
);
CREATE INDEX chatbot_integrations_integration ON public.chatbot_integrations USING btree (integration_id);
CREATE TRIGGER chatbot_integrations_organization BEFORE INSERT ON public.chatbot_integrations FOR EACH ROW EXECUTE FUNCTION fill_organization();
CREATE TRIGGER chatbot_integrations_touch BEFORE UPDATE ON public.chatbot_integrations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table chatbot_integrations enable row level security;
alter table chatbot_integrations force row level security;
create policy system_rows on chatbot_integrations for all to parley_system using (true);
create policy tenant_rows on chatbot_integrations for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on chatbot_integrations to parley_app;
grant delete, insert, select, update on chatbot_integrations to parley_system;

create table chatbot_spend (
  chatbot_id uuid not null,
  organization_id uuid not null,
  period_start timestamp with time zone not null default '-infinity'::timestamp with time zone,
  spent_micros large_amount not null default 0,
  unpriced_rows amount not null default 0,
  warned_at timestamp with time zone,
  reached_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  constraint chatbot_spend_pkey PRIMARY KEY (chatbot_id),
  constraint chatbot_spend_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE
) with (fillfactor=70);
CREATE TRIGGER chatbot_spend_check BEFORE UPDATE ON public.chatbot_spend FOR EACH ROW EXECUTE FUNCTION check_chatbot_spend();
alter table chatbot_spend enable row level security;
alter table chatbot_spend force row level security;
create policy system_rows on chatbot_spend for all to parley_system using (true);
create policy tenant_rows on chatbot_spend for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on chatbot_spend to parley_app;
grant delete, insert, select, update on chatbot_spend to parley_system;

create table chatbot_terms (
  organization_id uuid not null,
  chatbot_id uuid not null,
  term integer not null,
  document_frequency integer not null,
  constraint chatbot_terms_pkey PRIMARY KEY (chatbot_id, term),
  constraint chatbot_terms_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE
) with (fillfactor=80);
alter table chatbot_terms enable row level security;
alter table chatbot_terms force row level security;
create policy system_rows on chatbot_terms for all to parley_system using (true);
create policy tenant_rows on chatbot_terms for all to parley_app using ((organization_id = ( SELECT (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid AS "nullif")));
grant delete, insert, select, update on chatbot_terms to parley_app;
grant delete, insert, select, update on chatbot_terms to parley_system;

create table chatbots (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  name text not null,
  whatsapp_phone_number_id text not null,
  whatsapp_access_token text not null,
  whatsapp_app_secret text,
  system_prompt text not null default ''::text,
  published_prompt_id uuid,
  model text not null,
  fallback_model text,
  failure_message text,
  reply_delay_ms integer not null default 1200,
  history_token_budget integer not null default 3000,
  settings jsonb not null default '{}'::jsonb,
  is_active boolean not null default true,
  disabled_reason text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  embedding_model text,
  next_embedding_model text,
  similarity_threshold double precision,
  passages_max integer not null default 5,
  knowledge_languages text[] not null default '{}'::text[],
  constraint chatbots_pkey PRIMARY KEY (id),
  constraint chatbots_organization_id_id_key UNIQUE (organization_id, id),
  constraint chatbots_whatsapp_phone_number_id_key UNIQUE (whatsapp_phone_number_id),
  constraint chatbots_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint chatbots_published_prompt_id_fkey FOREIGN KEY (organization_id, published_prompt_id) REFERENCES prompt_versions(organization_id, id),
  constraint chatbots_failure_message_check CHECK ((failure_message <> ''::text)),
  constraint chatbots_history_token_budget_check CHECK (((history_token_budget >= 0) AND (history_token_budget <= 100000))),
  constraint chatbots_name_check CHECK ((name <> ''::text)),
  constraint chatbots_passages_max_check CHECK (((passages_max >= 1) AND (passages_max <= 50))),
  constraint chatbots_reply_delay_ms_check CHECK (((reply_delay_ms >= 0) AND (reply_delay_ms <= 60000))),
  constraint chatbots_similarity_threshold_check CHECK (((similarity_threshold >= ('-1'::integer)::double precision) AND (similarity_threshold <= (1)::double precision))),
  constraint chatbots_whatsapp_phone_number_id_check CHECK ((whatsapp_phone_number_id <> ''::text))
);
CREATE INDEX chatbots_published_prompt ON public.chatbots USING btree (published_prompt_id);
CREATE TRIGGER chatbots_first_prompt AFTER INSERT ON public.chatbots FOR EACH ROW EXECUTE FUNCTION start_prompt();
CREATE TRIGGER chatbots_limits AFTER INSERT OR UPDATE OF is_active ON public.chatbots FOR EACH ROW WHEN ((new.is_active AND (pg_trigger_depth() = 0))) EXECUTE FUNCTION recheck_active_chatbot();
CREATE TRIGGER chatbots_prompt BEFORE UPDATE OF system_prompt, published_prompt_id ON public.chatbots FOR EACH ROW WHEN (((new.system_prompt IS DISTINCT FROM old.system_prompt) OR (new.published_prompt_id IS DISTINCT FROM old.published_prompt_id))) EXECUTE FUNCTION publish_prompt();
CREATE TRIGGER chatbots_spend AFTER INSERT ON public.chatbots FOR EACH ROW EXECUTE FUNCTION start_chatbot_spend();
CREATE TRIGGER chatbots_spend_ceiling AFTER UPDATE OF settings ON public.chatbots FOR EACH ROW WHEN ((spend_ceiling(old.settings, 'monthlySpendCeilingMicros'::text) IS DISTINCT FROM spend_ceiling(new.settings, 'monthlySpendCeilingMicros'::text))) EXECUTE FUNCTION recheck_chatbot_spend();
CREATE TRIGGER chatbots_touch BEFORE UPDATE ON public.chatbots FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table chatbots enable row level security;
alter table chatbots force row level security;
create policy system_rows on chatbots for all to parley_system using (true);
create policy tenant_rows on chatbots for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on chatbots to parley_app;
grant delete, insert, select, update on chatbots to parley_system;

create table chunk_terms (
  chunk_id bigint not null,
  organization_id uuid not null,
  chatbot_id uuid not null,
  version_id bigint not null default 0,
  terms sparsevec(1000000000) not null,
  constraint chunk_terms_pkey PRIMARY KEY (chunk_id),
  constraint chunk_terms_organization_id_chunk_id_fkey FOREIGN KEY (organization_id, chunk_id) REFERENCES document_chunks(organization_id, id) ON DELETE CASCADE
);
CREATE INDEX chunk_terms_chatbot ON public.chunk_terms USING btree (chatbot_id);
CREATE TRIGGER chunk_terms_added AFTER INSERT ON public.chunk_terms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_terms();
CREATE TRIGGER chunk_terms_removed AFTER DELETE ON public.chunk_terms REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_terms();
alter table chunk_terms enable row level security;
alter table chunk_terms force row level security;
create policy system_rows on chunk_terms for all to parley_system using (true);
create policy tenant_rows on chunk_terms for all to parley_app using ((organization_id = ( SELECT (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid AS "nullif")));
grant delete, insert, select on chunk_terms to parley_app;
grant delete, insert, select on chunk_terms to parley_system;

create table contacts (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  phone text,
  user_id text,
  parent_user_id text,
  username text,
  profile_name text,
  attributes jsonb not null default '{}'::jsonb,
  language text,
  opted_out_at timestamp with time zone,
  merged_into uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint contacts_pkey PRIMARY KEY (id),
  constraint contacts_id_organization_id_key UNIQUE (id, organization_id),
  constraint contacts_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint contacts_organization_id_merged_into_fkey FOREIGN KEY (organization_id, merged_into) REFERENCES contacts(organization_id, id) ON DELETE CASCADE,
  constraint contacts_language_check CHECK ((language <> ''::text)),
  constraint contacts_phone_check CHECK ((phone ~ '^[0-9]+$'::text))
);
CREATE INDEX contacts_chatbot ON public.contacts USING btree (chatbot_id);
CREATE INDEX contacts_merged_into ON public.contacts USING btree (merged_into) WHERE (merged_into IS NOT NULL);
CREATE UNIQUE INDEX contacts_phone ON public.contacts USING btree (phone, chatbot_id) WHERE (merged_into IS NULL);
CREATE UNIQUE INDEX contacts_user_id ON public.contacts USING btree (user_id, chatbot_id) WHERE (merged_into IS NULL);
CREATE TRIGGER contacts_touch BEFORE UPDATE ON public.contacts FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table contacts enable row level security;
alter table contacts force row level security;
create policy system_rows on contacts for all to parley_system using (true);
create policy tenant_rows on contacts for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on contacts to parley_app;
grant delete, insert, select, update on contacts to parley_system;

create table conversation_notes (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  conversation_id uuid not null,
  kind text not null,
  reason text,
  content text not null default ''::text,
  turn_id uuid,
  created_at timestamp with time zone not null default now(),
  constraint conversation_notes_pkey PRIMARY KEY (id),
  constraint conversation_notes_organization_id_id_key UNIQUE (organization_id, id),
  constraint conversation_notes_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE,
  constraint conversation_notes_kind_check CHECK ((kind <> ''::text))
);
CREATE INDEX conversation_notes_conversation ON public.conversation_notes USING btree (conversation_id, id DESC);
alter table conversation_notes enable row level security;
alter table conversation_notes force row level security;
create policy system_rows on conversation_notes for all to parley_system using (true);
create policy tenant_rows on conversation_notes for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on conversation_notes to parley_app;
grant delete, insert, select, update on conversation_notes to parley_system;

create table conversations (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  contact_id uuid not null,
  status conversation_status not null default 'bot'::text,
  paused_at timestamp with time zone,
  paused_until timestamp with time zone,
  paused_reason text,
  pause_announced boolean not null default false,
  bot_since timestamp with time zone,
  last_inbound_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint conversations_pkey PRIMARY KEY (id),
  constraint conversations_contact_id_key UNIQUE (contact_id),
  constraint conversations_id_organization_id_key UNIQUE (id, organization_id),
  constraint conversations_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint conversations_organization_id_contact_id_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES contacts(organization_id, id) ON DELETE CASCADE
) with (fillfactor=80);
CREATE INDEX conversations_chatbot ON public.conversations USING btree (chatbot_id);
CREATE INDEX conversations_pause_ends ON public.conversations USING btree (paused_until) WHERE ((status)::text = 'human'::text);
CREATE TRIGGER conversations_touch BEFORE UPDATE ON public.conversations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table conversations enable row level security;
alter table conversations force row level security;
create policy system_rows on conversations for all to parley_system using (true);
create policy tenant_rows on conversations for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on conversations to parley_app;
grant delete, insert, select, update on conversations to parley_system;

create table delivery_statuses (
  organization_id uuid not null,
  chatbot_id uuid not null,
  whatsapp_message_id text not null,
  status text not null,
  rank integer not null generated always as (
CASE status
    WHEN 'sent'::text THEN 1
    WHEN 'delivered'::text THEN 2
    WHEN 'read'::text THEN 3
    WHEN 'played'::text THEN 4
    ELSE 5
END) stored,
  meta_error_code integer,
  error_title text,
  pricing_category text,
  billable boolean,
  occurred_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint delivery_statuses_pkey PRIMARY KEY (chatbot_id, whatsapp_message_id),
  constraint delivery_statuses_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint delivery_statuses_status_check CHECK ((status = ANY (ARRAY['sent'::text, 'delivered'::text, 'read'::text, 'played'::text, 'failed'::text])))
);
alter table delivery_statuses enable row level security;
alter table delivery_statuses force row level security;
create policy system_rows on delivery_statuses for all to parley_system using (true);
create policy tenant_rows on delivery_statuses for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on delivery_statuses to parley_app;
grant delete, insert, select, update on delivery_statuses to parley_system;

create table document_chunks (
  id bigint not null generated always as identity,
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_id uuid not null,
  version_id bigint not null default 0,
  "position" integer not null,
  content text not null,
  page integer,
  start_offset integer not null default 0,
  end_offset integer not null default 0,
  headings text[] not null default '{}'::text[],
  embedding_model text not null,
  embedding halfvec(1536) not null,
  embedding_bits bit(1536) not null generated always as ((binary_quantize(embedding))::bit(1536)) stored,
  created_at timestamp with time zone not null default now(),
  constraint document_chunks_pkey PRIMARY KEY (id),
  constraint document_chunks_organization_id_id_key UNIQUE (organization_id, id),
  constraint document_chunks_source_id_version_id_position_key UNIQUE (source_id, version_id, "position"),
  constraint document_chunks_organization_id_chatbot_id_source_id_fkey FOREIGN KEY (organization_id, chatbot_id, source_id) REFERENCES knowledge_sources(organization_id, chatbot_id, id) ON DELETE CASCADE
);
CREATE INDEX document_chunks_bits ON public.document_chunks USING btree (chatbot_id) INCLUDE (organization_id, id, version_id, embedding_bits);
alter table document_chunks enable row level security;
alter table document_chunks force row level security;
create policy system_rows on document_chunks for all to parley_system using (true);
create policy tenant_rows on document_chunks for all to parley_app using ((organization_id = ( SELECT (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid AS "nullif")));
grant delete, insert, select, update on document_chunks to parley_app;
grant delete, insert, select, update on document_chunks to parley_system;

create table invitations (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  email text not null,
  role text,
  status text not null default 'pending'::text,
  inviter_id uuid not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint invitations_pkey PRIMARY KEY (id),
  constraint invitations_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
  constraint invitations_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'rejected'::text, 'canceled'::text])))
);
CREATE INDEX invitations_email ON public.invitations USING btree (email);
CREATE INDEX invitations_inviter ON public.invitations USING btree (inviter_id);
CREATE INDEX invitations_organization ON public.invitations USING btree (organization_id);
alter table invitations enable row level security;
alter table invitations force row level security;
create policy account_rows on invitations for all to parley_auth using (true);
create policy system_rows on invitations for all to parley_system using (true);
create policy tenant_rows on invitations for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on invitations to parley_app;
grant delete, insert, select, update on invitations to parley_auth;
grant delete, insert, select, update on invitations to parley_system;

create table key_ring_check (
  singleton boolean not null default true,
  sealed text not null,
  constraint key_ring_check_pkey PRIMARY KEY (singleton),
  constraint key_ring_check_singleton_check CHECK (singleton)
);
grant insert, select, update on key_ring_check to parley_app;
grant insert, select, update on key_ring_check to parley_system;

create table knowledge_gaps (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid,
  turn_id uuid,
  question text not null,
  question_key text not null generated always as (md5(lower(btrim(question)))) stored,
  reason text not null,
  best_similarity double precision,
  occurrences integer not null default 1,
  status text not null default 'open'::text,
  first_at timestamp with time zone not null default now(),
  last_at timestamp with time zone not null default now(),
  constraint knowledge_gaps_pkey PRIMARY KEY (id),
  constraint knowledge_gaps_chatbot_id_question_key_key UNIQUE (chatbot_id, question_key),
  constraint knowledge_gaps_organization_id_id_key UNIQUE (organization_id, id),
  constraint knowledge_gaps_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint knowledge_gaps_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE,
  constraint knowledge_gaps_question_check CHECK ((question <> ''::text)),
  constraint knowledge_gaps_reason_check CHECK ((reason = ANY (ARRAY['nothing-found'::text, 'below-threshold'::text, 'not-answered'::text]))),
  constraint knowledge_gaps_status_check CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text, 'dismissed'::text])))
);
CREATE INDEX knowledge_gaps_conversation ON public.knowledge_gaps USING btree (conversation_id);
CREATE INDEX knowledge_gaps_open ON public.knowledge_gaps USING btree (chatbot_id, occurrences DESC) WHERE (status = 'open'::text);
CREATE TRIGGER knowledge_gaps_organization BEFORE INSERT ON public.knowledge_gaps FOR EACH ROW EXECUTE FUNCTION fill_organization();
alter table knowledge_gaps enable row level security;
alter table knowledge_gaps force row level security;
create policy system_rows on knowledge_gaps for all to parley_system using (true);
create policy tenant_rows on knowledge_gaps for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on knowledge_gaps to parley_app;
grant delete, insert, select, update on knowledge_gaps to parley_system;

create table knowledge_sources (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_type text not null,
  name text not null,
  title text,
  language text,
  url text,
  file_path text,
  job_id uuid,
  media_type text,
  size_bytes bigint,
  page_count integer,
  status text not null default 'pending'::text,
  step text,
  chunks_done integer not null default 0,
  chunks_total integer,
  attempts integer not null default 0,
  error_code text,
  error_reason text,
  content_hash text,
  etag text,
  last_modified text,
  sync_interval_minutes integer,
  next_sync_at timestamp with time zone,
  checked_at timestamp with time zone,
  synced_at timestamp with time zone,
  removed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint knowledge_sources_pkey PRIMARY KEY (id),
  constraint knowledge_sources_organization_id_chatbot_id_id_key UNIQUE (organization_id, chatbot_id, id),
  constraint knowledge_sources_organization_id_id_key UNIQUE (organization_id, id),
  constraint knowledge_sources_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint knowledge_sources_check CHECK (((source_type <> 'url'::text) OR (url IS NOT NULL))),
  constraint knowledge_sources_chunks_done_check CHECK ((chunks_done >= 0)),
  constraint knowledge_sources_chunks_total_check CHECK ((chunks_total >= 0)),
  constraint knowledge_sources_language_check CHECK ((language <> ''::text)),
  constraint knowledge_sources_name_check CHECK ((name <> ''::text)),
  constraint knowledge_sources_page_count_check CHECK ((page_count >= 0)),
  constraint knowledge_sources_size_bytes_check CHECK ((size_bytes >= 0)),
  constraint knowledge_sources_source_type_check CHECK ((source_type ~ '^[a-z][a-z0-9_]*$'::text)),
  constraint knowledge_sources_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'synced'::text, 'failed'::text]))),
  constraint knowledge_sources_step_check CHECK ((step = ANY (ARRAY['fetch'::text, 'extract'::text, 'split'::text, 'embed'::text, 'store'::text]))),
  constraint knowledge_sources_sync_interval_minutes_check CHECK ((sync_interval_minutes >= 5)),
  constraint knowledge_sources_url_check CHECK ((url ~* '^https?://'::text))
);
CREATE INDEX knowledge_sources_chatbot ON public.knowledge_sources USING btree (chatbot_id, created_at DESC);
CREATE INDEX knowledge_sources_content ON public.knowledge_sources USING btree (chatbot_id, content_hash);
CREATE INDEX knowledge_sources_language ON public.knowledge_sources USING btree (chatbot_id, language) WHERE ((language IS NOT NULL) AND (removed_at IS NULL));
CREATE INDEX knowledge_sources_next_sync ON public.knowledge_sources USING btree (next_sync_at) WHERE (next_sync_at IS NOT NULL);
CREATE TRIGGER knowledge_sources_languages AFTER INSERT ON public.knowledge_sources FOR EACH ROW WHEN ((new.language IS NOT NULL)) EXECUTE FUNCTION count_languages();
CREATE TRIGGER knowledge_sources_languages_changed AFTER UPDATE OF language, removed_at ON public.knowledge_sources FOR EACH ROW WHEN (((old.language IS DISTINCT FROM new.language) OR (old.removed_at IS DISTINCT FROM new.removed_at))) EXECUTE FUNCTION count_languages();
CREATE TRIGGER knowledge_sources_organization BEFORE INSERT ON public.knowledge_sources FOR EACH ROW EXECUTE FUNCTION fill_organization();
CREATE TRIGGER knowledge_sources_touch BEFORE UPDATE ON public.knowledge_sources FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table knowledge_sources enable row level security;
alter table knowledge_sources force row level security;
create policy system_rows on knowledge_sources for all to parley_system using (true);
create policy tenant_rows on knowledge_sources for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on knowledge_sources to parley_app;
grant delete, insert, select, update on knowledge_sources to parley_system;

create table mailboxes (
  key text not null,
  organization_id uuid,
  handler text not null,
  lane text not null,
  coalesces boolean not null default false,
  last_seq bigint not null default 0,
  done_seq bigint not null default 0,
  turn_upto bigint,
  turn_id uuid,
  run_at timestamp with time zone not null default now(),
  first_at timestamp with time zone,
  owner text,
  fence bigint not null default 0,
  attempt integer not null default 0,
  superseded integer not null default 0,
  error_code text,
  hastened boolean not null default false,
  messages jsonb not null default '[]'::jsonb,
  steps jsonb not null default '[]'::jsonb,
  stepped_at timestamp with time zone,
  constraint mailboxes_pkey PRIMARY KEY (key),
  constraint mailboxes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0.01, autovacuum_analyze_scale_factor=0.01);
CREATE INDEX mailboxes_due ON public.mailboxes USING btree (run_at) WHERE ((owner IS NULL) AND (last_seq > done_seq));
CREATE INDEX mailboxes_owned ON public.mailboxes USING btree (owner, lane) WHERE (owner IS NOT NULL);
CREATE INDEX mailboxes_ready ON public.mailboxes USING btree (lane, run_at) WHERE ((owner IS NULL) AND (last_seq > done_seq));
alter table mailboxes enable row level security;
alter table mailboxes force row level security;
create policy system_rows on mailboxes for all to parley_system using (true);
create policy tenant_rows on mailboxes for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on mailboxes to parley_app;
grant delete, insert, select, update on mailboxes to parley_system;

create table members (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  user_id uuid not null,
  role text not null default 'member'::text,
  created_at timestamp with time zone not null default now(),
  constraint members_pkey PRIMARY KEY (id),
  constraint members_organization_id_user_id_key UNIQUE (organization_id, user_id),
  constraint members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text])))
);
CREATE INDEX members_user ON public.members USING btree (user_id);
alter table members enable row level security;
alter table members force row level security;
create policy account_rows on members for all to parley_auth using (true);
create policy system_rows on members for all to parley_system using (true);
create policy tenant_rows on members for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on members to parley_app;
grant delete, insert, select, update on members to parley_auth;
grant delete, insert, select, update on members to parley_system;

create table message_media (
  message_id uuid not null,
  organization_id uuid not null,
  kind text not null,
  status text not null,
  reason text,
  mime_type text,
  size_bytes integer,
  sha256 text,
  storage_key text,
  text text,
  is_cut boolean not null default false,
  duration_ms integer,
  model text,
  tokens integer,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint message_media_pkey PRIMARY KEY (message_id),
  constraint message_media_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES messages(organization_id, id) ON DELETE CASCADE,
  constraint message_media_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint message_media_kind_check CHECK ((kind = ANY (ARRAY['image'::text, 'audio'::text, 'video'::text, 'document'::text, 'sticker'::text]))),
  constraint message_media_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint message_media_size_bytes_check CHECK ((size_bytes >= 0)),
  constraint message_media_status_check CHECK ((status = ANY (ARRAY['stored'::text, 'read'::text, 'failed'::text, 'expired'::text]))),
  constraint message_media_tokens_check CHECK ((tokens >= 0))
);
CREATE INDEX message_media_kept ON public.message_media USING btree (created_at) WHERE (storage_key IS NOT NULL);
CREATE TRIGGER message_media_expired AFTER UPDATE OF storage_key ON public.message_media FOR EACH ROW WHEN (((old.storage_key IS NOT NULL) AND (new.storage_key IS DISTINCT FROM old.storage_key))) EXECUTE FUNCTION queue_media_removal();
CREATE TRIGGER message_media_removed AFTER DELETE ON public.message_media FOR EACH ROW WHEN ((old.storage_key IS NOT NULL)) EXECUTE FUNCTION queue_media_removal();
CREATE TRIGGER message_media_touch BEFORE UPDATE ON public.message_media FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table message_media enable row level security;
alter table message_media force row level security;
create policy system_rows on message_media for all to parley_system using (true);
create policy tenant_rows on message_media for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on message_media to parley_app;
grant delete, insert, select, update on message_media to parley_system;

create table messages (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  direction message_direction not null,
  author message_author not null,
  type text not null,
  content text not null default ''::text,
  data jsonb not null default '{}'::jsonb,
  tool_calls jsonb,
  whatsapp_message_id text,
  replies_to text,
  turn_id uuid,
  prompt_version integer,
  wants_answer boolean not null default false,
  sent_at timestamp with time zone not null,
  edited_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint messages_pkey PRIMARY KEY (id),
  constraint messages_id_organization_id_key UNIQUE (id, organization_id),
  constraint messages_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation ON public.messages USING btree (conversation_id, id DESC);
CREATE UNIQUE INDEX messages_whatsapp_id ON public.messages USING btree (chatbot_id, whatsapp_message_id);
alter table messages enable row level security;
alter table messages force row level security;
create policy system_rows on messages for all to parley_system using (true);
create policy tenant_rows on messages for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on messages to parley_app;
grant delete, insert, select, update on messages to parley_system;

create table obsolete_media (
  storage_key text not null,
  created_at timestamp with time zone not null default now(),
  constraint obsolete_media_pkey PRIMARY KEY (storage_key)
);
grant delete, insert, select on obsolete_media to parley_system;

create table org_integrations (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  provider text not null,
  name text not null,
  description text not null default ''::text,
  credentials jsonb not null default '{}'::jsonb,
  settings jsonb not null default '{}'::jsonb,
  is_active boolean not null default true,
  checked_at timestamp with time zone,
  error_code text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint org_integrations_pkey PRIMARY KEY (id),
  constraint org_integrations_organization_id_id_key UNIQUE (organization_id, id),
  constraint org_integrations_organization_id_name_key UNIQUE (organization_id, name),
  constraint org_integrations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint org_integrations_credentials_check CHECK ((jsonb_typeof(credentials) = 'object'::text)),
  constraint org_integrations_name_check CHECK ((name ~ '^[a-zA-Z0-9_-]{1,64}$'::text)),
  constraint org_integrations_provider_check CHECK ((provider = ANY (ARRAY['builtin'::text, 'mcp'::text, 'windmill'::text, 'http'::text]))),
  constraint org_integrations_settings_check CHECK ((jsonb_typeof(settings) = 'object'::text))
);
CREATE TRIGGER org_integrations_touch BEFORE UPDATE ON public.org_integrations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table org_integrations enable row level security;
alter table org_integrations force row level security;
create policy system_rows on org_integrations for all to parley_system using (true);
create policy tenant_rows on org_integrations for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on org_integrations to parley_app;
grant delete, insert, select, update on org_integrations to parley_system;

create table organizations (
  id uuid not null default uuid_v7(),
  name text not null,
  slug text not null,
  logo text,
  metadata text,
  message_limit_monthly integer not null default 1000,
  token_limit_monthly bigint not null default 5000000,
  billing_period_start timestamp with time zone not null default date_trunc('month'::text, now()),
  is_active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_slug_key UNIQUE (slug),
  constraint organizations_message_limit_monthly_check CHECK ((message_limit_monthly > 0)),
  constraint organizations_name_check CHECK ((name <> ''::text)),
  constraint organizations_slug_check CHECK ((slug ~ '^[a-z0-9][a-z0-9-]*$'::text)),
  constraint organizations_token_limit_monthly_check CHECK ((token_limit_monthly > 0))
);
CREATE TRIGGER organizations_limits AFTER UPDATE OF message_limit_monthly, token_limit_monthly ON public.organizations FOR EACH ROW WHEN (((old.message_limit_monthly <> new.message_limit_monthly) OR (old.token_limit_monthly <> new.token_limit_monthly))) EXECUTE FUNCTION recheck_usage_limits();
CREATE TRIGGER organizations_touch BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER organizations_usage_summary AFTER INSERT ON public.organizations FOR EACH ROW EXECUTE FUNCTION start_usage_summary();
alter table organizations enable row level security;
alter table organizations force row level security;
create policy account_rows on organizations for all to parley_auth using (true);
create policy system_rows on organizations for all to parley_system using (true);
create policy tenant_rows on organizations for all to parley_app using ((id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on organizations to parley_app;
grant delete, insert, select, update on organizations to parley_auth;
grant delete, insert, select, update on organizations to parley_system;

create table outbound_messages (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  turn_id uuid not null,
  "position" integer not null,
  content jsonb not null,
  state outbound_state not null,
  attempts integer not null default 0,
  whatsapp_message_id text,
  error_code text,
  meta_error_code integer,
  handed_over_at timestamp with time zone not null default now(),
  created_at timestamp with time zone not null default now(),
  constraint outbound_messages_pkey PRIMARY KEY (id),
  constraint outbound_messages_turn_id_position_key UNIQUE (turn_id, "position"),
  constraint outbound_messages_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE
);
CREATE INDEX outbound_messages_conversation ON public.outbound_messages USING btree (conversation_id);
CREATE INDEX outbound_messages_open ON public.outbound_messages USING btree (handed_over_at) WHERE ((state)::text = 'sending'::text);
alter table outbound_messages enable row level security;
alter table outbound_messages force row level security;
create policy system_rows on outbound_messages for all to parley_system using (true);
create policy tenant_rows on outbound_messages for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on outbound_messages to parley_app;
grant delete, insert, select, update on outbound_messages to parley_system;

create table prompt_versions (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  number integer not null,
  status text not null,
  content jsonb not null,
  author text not null,
  note text not null default ''::text,
  published_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint prompt_versions_pkey PRIMARY KEY (id),
  constraint prompt_versions_chatbot_id_number_key UNIQUE (chatbot_id, number),
  constraint prompt_versions_organization_id_id_key UNIQUE (organization_id, id),
  constraint prompt_versions_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint prompt_versions_content_check CHECK ((jsonb_typeof(content) = 'object'::text)),
  constraint prompt_versions_number_check CHECK ((number > 0)),
  constraint prompt_versions_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'published'::text, 'archived'::text])))
);
CREATE UNIQUE INDEX prompt_versions_draft ON public.prompt_versions USING btree (chatbot_id) WHERE (status = 'draft'::text);
CREATE UNIQUE INDEX prompt_versions_published ON public.prompt_versions USING btree (chatbot_id) WHERE (status = 'published'::text);
CREATE TRIGGER prompt_versions_keep BEFORE UPDATE OF content, number, chatbot_id ON public.prompt_versions FOR EACH ROW WHEN (((old.status <> 'draft'::text) AND (((new.content IS DISTINCT FROM old.content) OR (new.number IS DISTINCT FROM old.number)) OR (new.chatbot_id IS DISTINCT FROM old.chatbot_id)))) EXECUTE FUNCTION keep_published_prompt();
CREATE TRIGGER prompt_versions_touch BEFORE UPDATE ON public.prompt_versions FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table prompt_versions enable row level security;
alter table prompt_versions force row level security;
create policy system_rows on prompt_versions for all to parley_system using (true);
create policy tenant_rows on prompt_versions for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant insert, select, update on prompt_versions to parley_app;
grant delete, insert, select, update on prompt_versions to parley_system;

create table rate_limits (
  id uuid not null default uuid_v7(),
  key text not null,
  count integer not null,
  last_request bigint not null,
  constraint rate_limits_pkey PRIMARY KEY (id),
  constraint rate_limits_key_key UNIQUE (key)
);
grant delete, insert, select, update on rate_limits to parley_auth;

create table sessions (
  id uuid not null default uuid_v7(),
  user_id uuid not null,
  token text not null,
  expires_at timestamp with time zone not null,
  ip_address text,
  user_agent text,
  active_organization_id uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_key UNIQUE (token),
  constraint sessions_active_organization_id_fkey FOREIGN KEY (active_organization_id) REFERENCES organizations(id) ON DELETE SET NULL,
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_expires ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_organization ON public.sessions USING btree (active_organization_id);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id);
grant delete, insert, select, update on sessions to parley_auth;

create table source_versions (
  id bigint not null generated always as identity,
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_id uuid not null,
  state text not null default 'preparing'::text,
  embedding_model text not null,
  fingerprint text not null,
  chunks_total integer not null,
  chunks_done integer not null default 0,
  tokens_unlogged bigint not null default 0,
  created_at timestamp with time zone not null default now(),
  constraint source_versions_pkey PRIMARY KEY (id),
  constraint source_versions_organization_id_id_key UNIQUE (organization_id, id),
  constraint source_versions_organization_id_chatbot_id_source_id_fkey FOREIGN KEY (organization_id, chatbot_id, source_id) REFERENCES knowledge_sources(organization_id, chatbot_id, id) ON DELETE CASCADE,
  constraint source_versions_chunks_done_check CHECK ((chunks_done >= 0)),
  constraint source_versions_chunks_total_check CHECK ((chunks_total >= 0)),
  constraint source_versions_state_check CHECK ((state = ANY (ARRAY['preparing'::text, 'ready'::text, 'live'::text, 'retired'::text]))),
  constraint source_versions_tokens_unlogged_check CHECK ((tokens_unlogged >= 0))
);
CREATE INDEX source_versions_hidden ON public.source_versions USING btree (chatbot_id) WHERE (state <> 'live'::text);
CREATE UNIQUE INDEX source_versions_live ON public.source_versions USING btree (source_id) WHERE (state = 'live'::text);
CREATE UNIQUE INDEX source_versions_next ON public.source_versions USING btree (source_id, embedding_model) WHERE (state = ANY (ARRAY['preparing'::text, 'ready'::text]));
CREATE INDEX source_versions_source ON public.source_versions USING btree (source_id);
alter table source_versions enable row level security;
alter table source_versions force row level security;
create policy system_rows on source_versions for all to parley_system using (true);
create policy tenant_rows on source_versions for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on source_versions to parley_app;
grant delete, insert, select, update on source_versions to parley_system;

create table system_alerts (
  id uuid not null default uuid_v7(),
  organization_id uuid,
  severity text not null,
  alert_type text not null,
  error_code text,
  message text not null,
  chatbot_id uuid,
  flow_id text,
  turn_id uuid,
  step_id text,
  details jsonb not null default '{}'::jsonb,
  dedupe_key text,
  occurrences integer not null default 1,
  first_occurred_at timestamp with time zone not null default now(),
  last_occurred_at timestamp with time zone not null default now(),
  acknowledged_at timestamp with time zone,
  acknowledged_by uuid,
  notified_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint system_alerts_pkey PRIMARY KEY (id),
  constraint system_alerts_dedupe_key_key UNIQUE (dedupe_key),
  constraint system_alerts_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES users(id) ON DELETE SET NULL,
  constraint system_alerts_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint system_alerts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint system_alerts_alert_type_check CHECK ((alert_type <> ''::text)),
  constraint system_alerts_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'error'::text, 'warning'::text, 'info'::text])))
);
CREATE INDEX system_alerts_acknowledged_by ON public.system_alerts USING btree (acknowledged_by) WHERE (acknowledged_by IS NOT NULL);
CREATE INDEX system_alerts_chatbot ON public.system_alerts USING btree (chatbot_id) WHERE (chatbot_id IS NOT NULL);
CREATE INDEX system_alerts_created ON public.system_alerts USING btree (created_at DESC);
CREATE INDEX system_alerts_organization ON public.system_alerts USING btree (organization_id, created_at DESC);
CREATE INDEX system_alerts_unnotified ON public.system_alerts USING btree (created_at) WHERE (notified_at IS NULL);
CREATE TRIGGER system_alerts_organization BEFORE INSERT ON public.system_alerts FOR EACH ROW WHEN ((new.chatbot_id IS NOT NULL)) EXECUTE FUNCTION fill_organization();
alter table system_alerts enable row level security;
alter table system_alerts force row level security;
create policy system_rows on system_alerts for all to parley_system using (true);
create policy tenant_rows on system_alerts for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on system_alerts to parley_app;
grant delete, insert, select, update on system_alerts to parley_system;

create table tool_confirmations (
  id uuid not null,
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid not null,
  integration_id uuid not null,
  tool_name text not null,
  tool_call_id text not null,
  arguments text not null,
  state text not null default 'pending'::text,
  answered_turn_id uuid,
  expires_at timestamp with time zone not null default (now() + '24:00:00'::interval),
  created_at timestamp with time zone not null default now(),
  constraint tool_confirmations_pkey PRIMARY KEY (id),
  constraint tool_confirmations_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint tool_confirmations_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE,
  constraint tool_confirmations_organization_id_integration_id_fkey FOREIGN KEY (organization_id, integration_id) REFERENCES org_integrations(organization_id, id) ON DELETE CASCADE,
  constraint tool_confirmations_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'confirmed'::text, 'cancelled'::text, 'replaced'::text])))
);
CREATE INDEX tool_confirmations_chatbot ON public.tool_confirmations USING btree (chatbot_id);
CREATE INDEX tool_confirmations_conversation ON public.tool_confirmations USING btree (conversation_id);
CREATE INDEX tool_confirmations_created ON public.tool_confirmations USING btree (created_at);
CREATE INDEX tool_confirmations_integration ON public.tool_confirmations USING btree (integration_id);
CREATE INDEX tool_confirmations_organization ON public.tool_confirmations USING btree (organization_id);
alter table tool_confirmations enable row level security;
alter table tool_confirmations force row level security;
create policy system_rows on tool_confirmations for all to parley_system using (true);
create policy tenant_rows on tool_confirmations for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on tool_confirmations to parley_app;
grant delete, insert, select, update on tool_confirmations to parley_system;

create table tool_executions (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid,
  integration_id uuid,
  turn_id uuid,
  step_id text,
  tool_call_id text,
  tool_name text not null,
  tool_type text not null,
  effects text not null default 'none'::text,
  arguments jsonb not null default '{}'::jsonb,
  result jsonb,
  status text not null,
  error_code text,
  error_message text,
  duration_ms integer,
  created_at timestamp with time zone not null default now(),
  constraint tool_executions_pkey PRIMARY KEY (id),
  constraint tool_executions_organization_id_id_key UNIQUE (organization_id, id),
  constraint tool_executions_turn_id_step_id_key UNIQUE (turn_id, step_id),
  constraint tool_executions_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE,
  constraint tool_executions_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE CASCADE,
  constraint tool_executions_organization_id_integration_id_fkey FOREIGN KEY (organization_id, integration_id) REFERENCES org_integrations(organization_id, id) ON DELETE SET NULL (integration_id),
  constraint tool_executions_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint tool_executions_effects_check CHECK ((effects = ANY (ARRAY['none'::text, 'outside'::text]))),
  constraint tool_executions_status_check CHECK ((status = ANY (ARRAY['success'::text, 'failed'::text, 'timeout'::text, 'unknown'::text]))),
  constraint tool_executions_tool_type_check CHECK ((tool_type = ANY (ARRAY['builtin'::text, 'mcp'::text, 'windmill'::text, 'http'::text])))
);
CREATE INDEX tool_executions_chatbot ON public.tool_executions USING btree (chatbot_id, created_at DESC);
CREATE INDEX tool_executions_conversation ON public.tool_executions USING btree (conversation_id);
CREATE INDEX tool_executions_created ON public.tool_executions USING btree (created_at);
CREATE INDEX tool_executions_integration ON public.tool_executions USING btree (integration_id) WHERE (integration_id IS NOT NULL);
CREATE INDEX tool_executions_organization ON public.tool_executions USING btree (organization_id, created_at DESC);
CREATE TRIGGER tool_executions_organization BEFORE INSERT ON public.tool_executions FOR EACH ROW EXECUTE FUNCTION fill_organization();
alter table tool_executions enable row level security;
alter table tool_executions force row level security;
create policy system_rows on tool_executions for all to parley_system using (true);
create policy tenant_rows on tool_executions for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on tool_executions to parley_app;
grant delete, insert, select, update on tool_executions to parley_system;

create table turns (
  id uuid not null,
  organization_id uuid,
  key text not null,
  handler text not null,
  upto bigint not null,
  messages jsonb not null,
  status turn_status not null,
  attempt integer not null,
  error_code text,
  queued_at timestamp with time zone,
  finished_at timestamp with time zone not null default now(),
  constraint turns_pkey PRIMARY KEY (id),
  constraint turns_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
);
CREATE INDEX turns_finished ON public.turns USING btree (finished_at);
CREATE INDEX turns_key ON public.turns USING btree (key, finished_at DESC);
CREATE INDEX turns_organization ON public.turns USING btree (organization_id, finished_at DESC);
alter table turns enable row level security;
alter table turns force row level security;
create policy system_rows on turns for all to parley_system using (true);
create policy tenant_rows on turns for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on turns to parley_app;
grant delete, insert, select, update on turns to parley_system;

create table two_factors (
  id uuid not null default uuid_v7(),
  user_id uuid not null,
  secret text not null,
  backup_codes text not null,
  verified boolean,
  failed_verification_count integer,
  locked_until timestamp with time zone,
  constraint two_factors_pkey PRIMARY KEY (id),
  constraint two_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX two_factors_secret ON public.two_factors USING btree (secret);
CREATE INDEX two_factors_user ON public.two_factors USING btree (user_id);
grant delete, insert, select, update on two_factors to parley_auth;

create table uploaded_media (
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_id uuid not null,
  phone_number_id text not null,
  file_path text not null,
  media_id text not null,
  expires_at timestamp with time zone not null,
  constraint uploaded_media_pkey PRIMARY KEY (source_id, phone_number_id),
  constraint uploaded_media_organization_id_chatbot_id_source_id_fkey FOREIGN KEY (organization_id, chatbot_id, source_id) REFERENCES knowledge_sources(organization_id, chatbot_id, id) ON DELETE CASCADE
);
alter table uploaded_media enable row level security;
alter table uploaded_media force row level security;
create policy system_rows on uploaded_media for all to parley_system using (true);
create policy tenant_rows on uploaded_media for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on uploaded_media to parley_app;
grant delete, insert, select, update on uploaded_media to parley_system;

create table usage_logs (
  id uuid not null default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid,
  conversation_id uuid,
  message_id uuid,
  turn_id uuid,
  source_id uuid,
  kind usage_kind not null default 'answer'::text,
  model text not null,
  tokens_prompt amount not null default 0,
  tokens_cached amount not null default 0,
  tokens_completion amount not null default 0,
  tokens_total amount not null default 0,
  audio_ms amount,
  cost_micros large_amount,
  currency currency_code not null default 'USD'::text,
  created_at timestamp with time zone not null default now(),
  constraint usage_logs_pkey PRIMARY KEY (id),
  constraint usage_logs_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE SET NULL (chatbot_id),
  constraint usage_logs_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations(organization_id, id) ON DELETE SET NULL (conversation_id),
  constraint usage_logs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE,
  constraint usage_logs_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES messages(organization_id, id) ON DELETE SET NULL (message_id),
  constraint usage_logs_organization_id_source_id_fkey FOREIGN KEY (organization_id, source_id) REFERENCES knowledge_sources(organization_id, id) ON DELETE SET NULL (source_id)
);
CREATE INDEX usage_logs_chatbot ON public.usage_logs USING btree (chatbot_id, created_at DESC);
CREATE INDEX usage_logs_conversation ON public.usage_logs USING btree (conversation_id) WHERE (conversation_id IS NOT NULL);
CREATE INDEX usage_logs_created ON public.usage_logs USING brin (created_at);
CREATE INDEX usage_logs_message ON public.usage_logs USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX usage_logs_organization ON public.usage_logs USING btree (organization_id, created_at DESC);
CREATE INDEX usage_logs_source ON public.usage_logs USING btree (source_id) WHERE (source_id IS NOT NULL);
CREATE TRIGGER usage_logs_organization BEFORE INSERT ON public.usage_logs FOR EACH ROW EXECUTE FUNCTION fill_organization();
alter table usage_logs enable row level security;
alter table usage_logs force row level security;
create policy system_rows on usage_logs for all to parley_system using (true);
create policy tenant_rows on usage_logs for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on usage_logs to parley_app;
grant delete, insert, select, update on usage_logs to parley_system;

create table usage_summary (
  organization_id uuid not null,
  current_period_messages amount not null default 0,
  current_period_tokens large_amount not null default 0,
  current_period_start timestamp with time zone not null default now(),
  warned_at timestamp with time zone,
  limit_reached_at timestamp with time zone,
  check_from_messages integer not null default 0,
  check_from_tokens bigint not null default 0,
  updated_at timestamp with time zone not null default now(),
  constraint usage_summary_pkey PRIMARY KEY (organization_id),
  constraint usage_summary_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE
) with (fillfactor=70);
CREATE TRIGGER usage_summary_limits BEFORE UPDATE ON public.usage_summary FOR EACH ROW WHEN ((((new.current_period_messages)::integer >= new.check_from_messages) OR ((new.current_period_tokens)::bigint >= new.check_from_tokens) OR (new.current_period_start <> old.current_period_start))) EXECUTE FUNCTION check_usage_limits();
CREATE TRIGGER usage_summary_touch BEFORE UPDATE ON public.usage_summary FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
alter table usage_summary enable row level security;
alter table usage_summary force row level security;
create policy system_rows on usage_summary for all to parley_system using (true);
create policy tenant_rows on usage_summary for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on usage_summary to parley_app;
grant delete, insert, select, update on usage_summary to parley_system;

create table users (
  id uuid not null default uuid_v7(),
  name text not null,
  email text not null,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean default false,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_email_key UNIQUE (email)
);
grant delete, insert, select, update on users to parley_auth;

create table verifications (
  id uuid not null default uuid_v7(),
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint verifications_pkey PRIMARY KEY (id)
);
CREATE INDEX verifications_expires ON public.verifications USING btree (expires_at);
CREATE INDEX verifications_identifier ON public.verifications USING btree (identifier);
grant delete, insert, select, update on verifications to parley_auth;

create table webhook_events (
  id uuid not null default uuid_v7(),
  organization_id uuid,
  chatbot_id uuid,
  phone_number_id text,
  field text not null,
  outcome webhook_outcome not null,
  error_code text,
  payload jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint webhook_events_pkey PRIMARY KEY (id),
  constraint webhook_events_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES chatbots(organization_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_events_created ON public.webhook_events USING btree (created_at);
CREATE INDEX webhook_events_organization ON public.webhook_events USING btree (organization_id, created_at);
alter table webhook_events enable row level security;
alter table webhook_events force row level security;
create policy system_rows on webhook_events for all to parley_system using (true);
create policy tenant_rows on webhook_events for all to parley_app using ((organization_id = (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on webhook_events to parley_app;
grant delete, insert, select, update on webhook_events to parley_system;

create table workers (
  id text not null,
  lock_key integer not null,
  seen_at timestamp with time zone not null default now(),
  started_at timestamp with time zone not null default now(),
  constraint workers_pkey PRIMARY KEY (id)
) with (fillfactor=50);
grant delete, insert, select, update on workers to parley_app;
grant delete, insert, select, update on workers to parley_system;


-- Views

create view recent_tool_failures with (security_invoker=true) as
 SELECT e.id,
    e.organization_id,
    e.chatbot_id,
    c.name AS chatbot_name,
    e.tool_name,
    e.tool_type,
    e.status,
    e.error_code,
    e.error_message,
    e.duration_ms,
    e.turn_id,
    e.conversation_id,
    e.created_at
   FROM (tool_executions e
     JOIN chatbots c ON ((c.id = e.chatbot_id)))
  WHERE ((e.status <> 'success'::text) AND (e.created_at > (now() - '7 days'::interval)))
  ORDER BY e.created_at DESC;
grant select on recent_tool_failures to parley_app;
grant select on recent_tool_failures to parley_system;

create view tool_usage_stats with (security_invoker=true) as
 SELECT e.organization_id,
    e.chatbot_id,
    c.name AS chatbot_name,
    e.tool_name,
    e.tool_type,
    count(*) AS total,
    count(*) FILTER (WHERE (e.status = 'success'::text)) AS successes,
    count(*) FILTER (WHERE (e.status = 'failed'::text)) AS failures,
    count(*) FILTER (WHERE (e.status = 'timeout'::text)) AS timeouts,
    count(*) FILTER (WHERE (e.status = 'unknown'::text)) AS unknowns,
    (round(((100.0 * (count(*) FILTER (WHERE (e.status = 'success'::text)))::numeric) / (count(*))::numeric), 2))::double precision AS success_percent,
    (avg(e.duration_ms))::double precision AS duration_ms_mean,
    percentile_cont((0.95)::double precision) WITHIN GROUP (ORDER BY ((e.duration_ms)::double precision)) AS duration_ms_p95,
    max(e.created_at) AS last_used_at
   FROM (tool_executions e
     JOIN chatbots c ON ((c.id = e.chatbot_id)))
  WHERE (e.created_at > (now() - '30 days'::interval))
  GROUP BY e.organization_id, e.chatbot_id, c.name, e.tool_name, e.tool_type;
grant select on tool_usage_stats to parley_app;
grant select on tool_usage_stats to parley_system;
