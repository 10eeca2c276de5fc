-- The hot path of a message, each a single round trip: accept it, note a status, load the conversation,
-- begin the reply, write what the turn leaves behind. They run as parley_app, so row-level security holds
-- in them too: inside asTenant, or, where p_organization_id says so, in a transaction without a tenant, which
-- they may share with calls for others (docs/adr/0018): each enters its own tenant first.
--
-- As functions they keep their plans. Planning costs more than running here, since row-level security is
-- woven into each statement. A plan made while a table was young and small would read all of it for ever
-- (until its first ANALYZE): the program's connections switch sequential scans off (src/store/database.ts).

-- From here to the end of the transaction row-level security shows the rows of one organization. Functions
-- begin with it in their first variable: an expression costs a tenth of a statement.
create function enter_tenant(p_organization_id uuid) returns text language sql volatile as $$
  select set_config('app.organization_id', p_organization_id::text, true)
$$;

-- The contact behind a person, found by user id or phone, made when new. Fills in what was unknown.
-- When both names lead to different contacts they are one person: the younger merges into the older.
create function resolve_contact(p_organization_id uuid, p_chatbot_id uuid, p_person jsonb)
returns uuid language plpgsql volatile as $$
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
end $$;

-- Makes two contacts one. The other's history moves over; what is under way there is still answered.
create function merge_contacts(p_organization_id uuid, p_kept uuid, p_other uuid)
returns void language plpgsql volatile as $$
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
end $$;

-- A person changed number or user id. What was known under the previous name belongs to the current one.
create function change_identity(p_organization_id uuid, p_chatbot_id uuid, p_previous jsonb, p_current jsonb)
returns void language plpgsql volatile as $$
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
end $$;

create function is_paused(p_conversation conversations) returns boolean language sql stable as $$
  select p_conversation.status = 'human'
    and (p_conversation.paused_until is null or p_conversation.paused_until > now())
$$;

-- Heeds STOP and START (p_opt_wish {"wish", "language"}, src/domain/opt-out-words.ts), and posts the sentence
-- that confirms it; also while a colleague has the conversation. Returns null when nothing changes by it:
-- to opt in is a greeting of those who have never opted out.
create function heed_opt_wish(p_contact_id uuid, p_conversation conversations, p_opt_wish jsonb, p_confirms boolean)
returns text language plpgsql volatile as $$
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
end $$;

-- Stores a message of a person or of a human colleague, once, and posts it to the mailbox of its
-- conversation when the bot is to answer. Returns what the caller needs to show that it is typing.
create function accept_message(
  p_organization_id uuid, p_chatbot_id uuid, p_person jsonb, p_message jsonb, p_longest_wait_ms integer
) returns jsonb language plpgsql volatile as $$
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
end $$;

-- Notes what Meta says of a message of ours. Never goes backwards. Settles a send whose outcome was
-- unknown and wakes the turn that waits for it.
create function accept_status(p_organization_id uuid, p_chatbot_id uuid, p_status jsonb)
returns void language plpgsql volatile as $$
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
end $$;

-- One event of a webhook, as parse-webhook.ts words it. Returns what became of a message, otherwise {}.
create function accept_event(
  p_organization_id uuid, p_chatbot_id uuid, p_event jsonb, p_longest_wait_ms integer
) returns jsonb language plpgsql volatile as $$
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
end $$;

-- Stores a change of a webhook, whole or not at all: as received, and everything in it.
--   p_received  {"phoneNumberId", "field", "outcome", "errorCode", "payload"}; null: it is kept already
--   p_events    in the order in which they lock
-- Returns what accept_event returns, for each.
create function accept_change(
  p_organization_id uuid, p_chatbot_id uuid, p_received jsonb, p_events jsonb, p_longest_wait_ms integer
) returns jsonb language plpgsql volatile as $$
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
end $$;

-- Whether a chatbot has spent its ceiling in this billing period.
create function is_spend_used_up(p_chatbot chatbots) returns boolean language plpgsql stable as $$
declare
  v_ceiling bigint := spend_ceiling(p_chatbot.settings, 'monthlySpendCeilingMicros');
begin
  if v_ceiling is null then return false; end if;
  return exists (
    select 1 from chatbot_spend s join usage_summary u on u.organization_id = s.organization_id
    where s.chatbot_id = p_chatbot.id and s.period_start = u.current_period_start
      and s.spent_micros >= v_ceiling);
end $$;

-- All that a turn reads: the chatbot, the person, and the newest messages, oldest first. Null when the
-- conversation is gone. After a merge the messages are those of the person's other conversation.
create function load_conversation(p_organization_id uuid, p_conversation_id uuid, p_messages integer)
returns json language plpgsql volatile as $$
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
end $$;

-- The last look before a reply leaves, and the record of the intent, together and under the
-- mailbox's lock. Also stores the turn's staged checkpoints.
--   p_steps         [{"name", "output"}, …]
--   p_contents      what to send, one entry for each WhatsApp message; used when the turn has none yet
--   p_supersede_max how often a newer message may discard the draft (0: send regardless)
--   p_even_paused   whether it goes out while a colleague has the conversation: what the person is told of it
--   p_outcome_wait_ms how long an unknown outcome waits for its status before it is sent again
-- Returns {"outcome": "lost" | "superseded" | "silenced" | "ready", "phoneNumberId", "sealedAccessToken",
-- "outbound": [{id, position, content, state, isOurs, waitMs}]}; isOurs means: hand it over now.
create function begin_reply(
  p_organization_id uuid, p_key text, p_fence bigint, p_worker text, p_steps jsonb, p_conversation_id uuid,
  p_contents jsonb, p_supersede_max integer, p_even_paused boolean, p_outcome_wait_ms integer
) returns jsonb language plpgsql volatile as $$
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
end $$;

-- What a turn leaves behind: how its messages were settled, the history of the answer, the calls of its
-- tools, the usage, and the customer's language if it is another now (null: it is not). Runs in the
-- transaction that ends the turn, so once. Only the answer of a model counts as a message (p_effects.purpose, usage), as only it has a row
-- of usage. A handoff begins here: the sentence that announces it was sent before.
create function write_turn_effects(p_effects jsonb) returns void
language plpgsql volatile as $$
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
end $$;

-- Ends a turn together with what it leaves behind (null: nothing). Returns what mailbox_finish returns.
create function finish_turn(
  p_key text, p_fence bigint, p_worker text, p_status text, p_error_code text, p_next_ms bigint, p_leaves jsonb
) returns jsonb language plpgsql volatile as $$
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
end $$;
