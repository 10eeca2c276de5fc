-- A colleague takes a conversation over and gives it back. The person is told each time: the bot's own
-- sentence begins a handoff, and a notice in the conversation's mailbox tells of its end. Everybody here
-- locks the conversation first and its mailbox second.

-- What colleagues must know of a conversation, oldest first. May quote the person: it goes with the
-- conversation.
create table conversation_notes (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  conversation_id uuid not null,
  -- what happened: `handoff`, `resumed`, `closed`, `timeout`, `opted out`, `opted in`
  kind text not null check (kind <> ''),
  -- why: `asked`, `not helped`, …
  reason text,
  content text not null default '',
  turn_id uuid,
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade
);
create index conversation_notes_conversation on conversation_notes (conversation_id, id desc);
call isolate_tenants('conversation_notes');

-- How long the bot leaves a conversation to colleagues who do not write. Half a day covers a night and
-- leaves time to say so: WhatsApp lets nobody write later than 24 hours after the person.
create function handoff_timeout(p_chatbot_id uuid) returns interval language sql stable as $$
  select make_interval(mins => coalesce((settings ->> 'handoffTimeoutMinutes')::integer, 720))
  from chatbots where id = p_chatbot_id
$$;

-- The conversation that goes on: another one than asked for after two contacts turned out to be one.
create function live_conversation(p_conversation_id uuid) returns uuid language sql stable as $$
  select live.id
  from conversations c
  join contacts own on own.id = c.contact_id
  join conversations live on live.contact_id = coalesce(own.merged_into, own.id)
  where c.id = p_conversation_id
$$;

create function add_note(p_conversation conversations, p_kind text, p_reason text, p_content text, p_turn_id uuid)
returns void language sql volatile as $$
  insert into conversation_notes (organization_id, conversation_id, kind, reason, content, turn_id)
  values (p_conversation.organization_id, p_conversation.id, p_kind, p_reason, p_content, p_turn_id)
$$;

-- The bot hands over, and falls silent until a colleague writes or the time is over. A colleague who
-- took over meanwhile keeps their own pause. After failures, which strike many at once and often pass, it
-- comes back within the hour.
--   p_handoff  {"reason", "summary"}
create function hand_over(p_conversation_id uuid, p_handoff jsonb, p_turn_id uuid) returns void
language plpgsql volatile as $$
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
end $$;

-- A colleague wrote in the WhatsApp app: the bot stays silent for a while after each of their messages,
-- whatever it was told before. A pause that an operator has set is not shortened by it, and a message
-- that comes late, written before the handoff, answers nothing of it.
create function pause_for_phone_app(p_conversation_id uuid, p_sent_at timestamptz, p_until timestamptz) returns void
language sql volatile as $$
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
$$;

-- An operator takes a conversation over. Posts the sentence that tells the person.
--   p_minutes  0: until somebody resumes it; null: as long as a handoff lasts that nobody comes to
create function pause_conversation(p_conversation_id uuid, p_minutes integer, p_announced boolean) returns void
language plpgsql volatile as $$
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
end $$;

-- Ends a pause: the bot has the conversation again. Posts to the conversation's mailbox what the person
-- is told of it and what they wrote meanwhile that nobody has answered.
--   p_way    `timeout`, `resumed` or `closed` (everything is settled: nothing is left to answer)
--   p_tells  whether the person is told; of a timeout, only who knows of the pause
-- False: nobody had paused it.
create function end_pause(p_conversation_id uuid, p_way text, p_tells boolean) returns boolean
language plpgsql volatile as $$
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
end $$;

-- Ends the pauses whose time is over, of all organizations, at most p_max. Returns how many it ended.
create function end_due_pauses(p_max integer) returns integer
language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;
alter function end_due_pauses(integer) owner to parley_system;
revoke execute on function end_due_pauses(integer) from public;
grant execute on function end_due_pauses(integer) to parley_app;
