-- The mailbox: ordered, durable turns (ARCHITECTURE.md tells the idea; src/mailbox uses it).
--
-- A mailbox is the ordered queue of one key. `last_seq` is its newest message, `done_seq` the last one
-- that is finished; (done_seq, turn_upto] is the turn in flight or backing off. One worker owns a
-- mailbox at a time: `owner`, with a `fence` number that every claim raises, so that whoever lost it can
-- write nothing any more. Each function is whole or not at all; under load several calls of one share a
-- statement and its commit (docs/adr/0018).
--
-- All that a mailbox holds is in its row: whoever has the lock on it has the newest of everything. In a
-- table of their own the messages would be read in the older snapshot of a statement that waited for that
-- lock: counted, never shown. It also saves two inserts and two deletes for each turn (measured).
--
-- plpgsql keeps its plans, where PostgreSQL plans the body of an SQL function anew at each call.

-- A living `parley work` process. It holds the session advisory lock (4242, lock_key) and renews seen_at.
create table workers (
  id text primary key,
  lock_key integer not null,
  seen_at timestamptz not null default now(),
  started_at timestamptz not null default now()
) with (fillfactor = 50);
grant select, insert, update, delete on workers to parley_app, parley_system;

create table mailboxes (
  key text primary key,
  -- null for the platform's own schedules
  organization_id uuid references organizations on delete cascade,
  handler text not null,
  -- what shares one allowance of running turns: an organization's conversations and alerts, and apart from
  -- them its documents, which take long and must not keep customers waiting
  lane text not null,
  -- a turn takes all messages at once (a conversation) or one by one (a document)
  coalesces boolean not null default false,
  last_seq bigint not null default 0,
  done_seq bigint not null default 0,
  turn_upto bigint,
  turn_id uuid,
  run_at timestamptz not null default now(),
  first_at timestamptz,
  owner text,
  fence bigint not null default 0,
  attempt integer not null default 0,
  -- how often a newer message has discarded this turn's draft
  superseded integer not null default 0,
  error_code text,
  -- what the turn will wait for has come while it still runs: it need not rest
  hastened boolean not null default false,
  -- what was posted after done_seq, in order: ids, never what people wrote. Each post writes the list anew;
  -- it is short, since a turn takes all of it, and a thousand that wait are sixty kilobytes.
  messages jsonb not null default '[]',
  -- checkpoints of the turn in flight in the order in which they were finished, [{"name", "output"}, …].
  -- They hold what the model said, so they go when the turn ends.
  steps jsonb not null default '[]',
  stepped_at timestamptz
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
create index mailboxes_ready on mailboxes (lane, run_at) where owner is null and last_seq > done_seq;
create index mailboxes_due on mailboxes (run_at) where owner is null and last_seq > done_seq;
create index mailboxes_owned on mailboxes (owner, lane) where owner is not null;
-- none on the organization: it would be written with every step of a turn, for the day a tenant leaves
call isolate_tenants('mailboxes');

create domain turn_status as text check (value in ('done', 'failed', 'superseded', 'skipped'));

-- Turns that ended. `messages` are the payloads that the turn answered.
create table turns (
  id uuid primary key,
  organization_id uuid references organizations on delete cascade,
  key text not null,
  handler text not null,
  upto bigint not null,
  messages jsonb not null,
  status turn_status not null,
  attempt integer not null,
  error_code text,
  queued_at timestamptz,
  finished_at timestamptz not null default now()
);
create index turns_organization on turns (organization_id, finished_at desc);
create index turns_finished on turns (finished_at);
create index turns_key on turns (key, finished_at desc);
call isolate_tenants('turns');

-- Adds a message. Runs inside the transaction that stores what the message is about. A batch posts in
-- the order of the keys, since opposite orders would deadlock.
--   p_wait_ms  how long to wait for more messages before the turn starts
--   p_longest_wait_ms  how long at most, counted from the first message not yet in a turn
create function mailbox_post(
  p_key text, p_organization_id uuid, p_handler text, p_coalesces boolean, p_payload jsonb,
  p_wait_ms integer default 0, p_longest_wait_ms integer default 5000
) returns bigint language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;

-- The first messages of a list, and those that follow them. No more than `stable`, or they are not inlined.
create function first_messages(p_messages jsonb, p_count bigint) returns jsonb language sql stable as $$
  select jsonb_path_query_array(p_messages, '$[0 to $last]', jsonb_build_object('last', p_count - 1))
$$;
create function later_messages(p_messages jsonb, p_count bigint) returns jsonb language sql stable as $$
  select jsonb_path_query_array(p_messages, '$[$first to last]', jsonb_build_object('first', p_count))
$$;

-- A turn as the worker gets it. `steps` are the finished checkpoints of earlier attempts.
create function mailbox_turn(p_box mailboxes) returns jsonb language plpgsql volatile as $$
begin
  return jsonb_build_object(
    'key', p_box.key, 'organizationId', p_box.organization_id, 'handler', p_box.handler,
    'fence', p_box.fence, 'attempt', p_box.attempt, 'turnId', p_box.turn_id,
    'queuedMs', greatest(0, round(extract(epoch from clock_timestamp() - coalesce(p_box.first_at, p_box.run_at)) * 1000)),
    'messages', first_messages(p_box.messages, p_box.turn_upto - p_box.done_seq),
    'steps', p_box.steps);
end $$;

-- Takes up to p_places due mailboxes for a worker. Fair: an organization's next turn counts behind
-- those it already runs, and none runs more than p_cap at once (a soft cap), so that one tenant's
-- flood cannot starve the others. Documents, each of which is read by a process of its own, take at most
-- p_document_places of the worker. Also tells whether more is due, and in how many milliseconds the next
-- mailbox falls due.
create function mailbox_claim(p_worker text, p_places integer, p_cap integer, p_document_places integer)
returns jsonb
language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;

-- Locks the mailbox for its rightful owner. Every write of a turn begins with it: whoever lost the
-- fence gets no row, and a worker that was paused waits for the takeover and then fails.
create function mailbox_own(p_key text, p_fence bigint, p_worker text) returns mailboxes
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  v_box mailboxes;
begin
  select * into v_box from mailboxes where key = p_key and fence = p_fence and owner = p_worker for no key update;
  return v_box;
end $$;

-- Stores checkpoints, [{"name", "output"}, …]. False: the turn is not ours any more.
create function mailbox_checkpoint(p_key text, p_fence bigint, p_worker text, p_steps jsonb) returns boolean
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  update mailboxes set steps = steps || p_steps, stepped_at = clock_timestamp()
  where key = p_key and fence = p_fence and owner = p_worker;
  return found;
end $$;

-- Ends a turn and, when more is due, begins the next one of the same mailbox for the same worker.
-- The caller's effects belong into the same transaction, after this.
--   p_next_ms  schedules only: milliseconds until the next run; one that failed runs again in a minute
-- Returns null when the turn is not ours any more; otherwise {"turn": … | null, "dueMs": … | null}.
create function mailbox_finish(
  p_key text, p_fence bigint, p_worker text, p_status text, p_error_code text, p_next_ms bigint
) returns jsonb language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;

-- Gives the turn back to be resumed after p_wait_ms. A failed attempt counts; a planned stop or a wait
-- for news from outside does not. One that waits for news (p_for_news) need not rest when they have come
-- already. Returns the milliseconds that it rests; null when it is not ours any more.
create function mailbox_release(
  p_key text, p_fence bigint, p_worker text, p_error_code text, p_wait_ms bigint, p_counts boolean, p_for_news boolean
) returns double precision language sql volatile security definer set search_path = public, pg_temp as $$
  update mailboxes set owner = null, error_code = p_error_code,
    attempt = case when p_counts then attempt else attempt - 1 end, hastened = false,
    run_at = clock_timestamp()
      + case when hastened and p_for_news then 0 else p_wait_ms end * interval '1 millisecond'
  where key = p_key and fence = p_fence and owner = p_worker
  returning greatest(0, ceil(extract(epoch from run_at - clock_timestamp()) * 1000))
$$;

-- Discards the turn in flight, because newer messages came: a new turn will take all of them, when the
-- newest one's waiting time is over. What the discarded model calls cost is the caller's effect.
create function mailbox_supersede(p_key text, p_fence bigint, p_worker text) returns jsonb
language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;

-- Brings a resting turn forward, because what it waits for has happened; one that still runs will not rest.
create function mailbox_hasten(p_key text, p_turn_id uuid) returns boolean
language sql volatile security definer set search_path = public, pg_temp as $$
  update mailboxes set hastened = owner is not null,
    run_at = case when owner is null then least(run_at, clock_timestamp()) else run_at end
  where key = p_key and turn_id = p_turn_id
  returning true
$$;

-- A schedule is a mailbox without messages: one owner, so it runs once across all workers, and after a
-- downtime once. One that has no next run gets one.
create function mailbox_schedule(p_name text, p_handler text, p_first_ms bigint) returns void
language sql volatile security definer set search_path = public, pg_temp as $$
  insert into mailboxes (key, handler, lane, last_seq, run_at)
  values ('schedule:' || p_name, p_handler, '', 1, clock_timestamp() + p_first_ms * interval '1 millisecond')
  on conflict (key) do update set last_seq = mailboxes.last_seq + 1, run_at = excluded.run_at
  where mailboxes.owner is null and mailboxes.last_seq = mailboxes.done_seq
$$;

-- Frees the mailboxes of workers that died: their advisory lock is gone (killed) or their heart has
-- stopped (host or network lost). Returns how many.
create function mailbox_sweep(p_worker text, p_dead_after_ms integer) returns integer
language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;

-- The embedded database has one process: whatever is owned when it starts belongs to a dead one.
create function mailbox_adopt(p_worker text) returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  delete from workers;
  insert into workers (id, lock_key) values (p_worker, 0);
  update mailboxes set owner = null, fence = fence + 1, run_at = least(run_at, clock_timestamp())
  where owner is not null;
end $$;

-- Frees what a worker owns without knowing: the answer of its claim was lost on the way.
create function mailbox_free_unknown(p_worker text, p_known_keys text[]) returns integer
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  v_freed integer;
begin
  update mailboxes set owner = null, fence = fence + 1
  where owner = p_worker and key <> all (p_known_keys);
  get diagnostics v_freed = row_count;
  return v_freed;
end $$;

-- Depth and age of the queue, for the metrics.
create function mailbox_backlog() returns table (due bigint, running bigint, oldest_due_ms double precision)
language sql stable security definer set search_path = public, pg_temp as $$
  select
    (select count(*) from mailboxes where owner is null and last_seq > done_seq and run_at <= now()),
    (select count(*) from mailboxes where owner is not null),
    (select coalesce(max(extract(epoch from now() - run_at) * 1000), 0)::double precision
     from mailboxes where owner is null and last_seq > done_seq and run_at <= now())
$$;

do $$
declare
  routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname like 'mailbox\_%'
  loop
    execute format('alter function %s owner to parley_system', routine);
    execute format('revoke execute on function %s from public', routine);
    execute format('grant execute on function %s to parley_app, parley_system', routine);
  end loop;
end $$;
