-- What a chatbot knows: documents, the passages cut from them, and how passages are found.

-- null: nothing is embedded yet. All passages that a search sees are embedded by this one model. While
-- next_embedding_model is set, each document gets a second version in the background, made by that one;
-- when every document has it, switch_embedding_model takes all of them over at once.
alter table chatbots
  add column embedding_model text,
  add column next_embedding_model text,
  -- null: what goes with the embedding model (0.7 would mean nothing with most of them)
  add column similarity_threshold double precision check (similarity_threshold between -1 and 1),
  add column passages_max integer not null default 5 check (passages_max between 1 and 50),
  -- of its documents, what most are written in first; kept here because every turn reads it
  add column knowledge_languages text[] not null default '{}';

-- Rows may name their chatbot alone, as the specification's examples do. A chatbot of another tenant
-- is invisible here, so the row stays without an organization and is refused.
create function fill_organization() returns trigger language plpgsql as $$
begin
  if new.organization_id is null then
    select organization_id into new.organization_id from chatbots where id = new.chatbot_id;
  end if;
  return new;
end $$;

create table knowledge_sources (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  -- pdf, url, doc, docx, text, …: a new type is an extractor in the code, not a migration
  source_type text not null check (source_type ~ '^[a-z][a-z0-9_]*$'),
  name text not null check (name <> ''),
  -- what the document calls itself
  title text,
  -- what most of it is written in (ISO 639-1); null: nobody can tell
  language text check (language <> ''),
  url text check (url ~* '^https?://'),
  -- where object storage keeps the original
  file_path text,
  -- the last run that was asked for
  job_id uuid,
  media_type text,
  size_bytes bigint check (size_bytes >= 0),
  page_count integer check (page_count >= 0),
  status text not null default 'pending' check (status in ('pending', 'processing', 'synced', 'failed')),
  step text check (step in ('fetch', 'extract', 'split', 'embed', 'store')),
  chunks_done integer not null default 0 check (chunks_done >= 0),
  chunks_total integer check (chunks_total >= 0),
  attempts integer not null default 0,
  -- why it failed: a code for programs and a sentence for people
  error_code text,
  error_reason text,
  -- SHA-256 of the original and, of a page, what its server said last: unchanged content costs nothing
  content_hash text,
  etag text,
  last_modified text,
  -- null: only on demand
  sync_interval_minutes integer check (sync_interval_minutes >= 5),
  next_sync_at timestamptz,
  checked_at timestamptz,
  synced_at timestamptz,
  -- it is not shown any more; its passages and its file go in the background
  removed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (source_type <> 'url' or url is not null),
  unique (organization_id, id),
  unique (organization_id, chatbot_id, id),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
);
create index knowledge_sources_chatbot on knowledge_sources (chatbot_id, created_at desc);
create index knowledge_sources_content on knowledge_sources (chatbot_id, content_hash);
create index knowledge_sources_language on knowledge_sources (chatbot_id, language)
  where language is not null and removed_at is null;
create index knowledge_sources_next_sync on knowledge_sources (next_sync_at) where next_sync_at is not null;
create trigger knowledge_sources_touch before update on knowledge_sources
  for each row execute function touch_updated_at();
create trigger knowledge_sources_organization before insert on knowledge_sources
  for each row execute function fill_organization();
call isolate_tenants('knowledge_sources');

create function count_languages() returns trigger language plpgsql as $$
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
end $$;
create trigger knowledge_sources_languages after insert on knowledge_sources
  for each row when (new.language is not null) execute function count_languages();
create trigger knowledge_sources_languages_changed after update of language, removed_at on knowledge_sources
  for each row when (old.language is distinct from new.language or old.removed_at is distinct from new.removed_at)
  execute function count_languages();

-- Originals that Meta has, to be sent from a number: the next customer need not wait for the upload.
create table uploaded_media (
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_id uuid not null,
  phone_number_id text not null,
  -- the original that was uploaded: new content has another key
  file_path text not null,
  media_id text not null,
  expires_at timestamptz not null,
  primary key (source_id, phone_number_id),
  foreign key (organization_id, chatbot_id, source_id)
    references knowledge_sources (organization_id, chatbot_id, id) on delete cascade
);
call isolate_tenants('uploaded_media');

-- One text of a document, embedded by one model. Its passages are stored in small steps, each of which
-- survives a crash, and no search sees them until the version is live: so new passages replace the old
-- ones in one row and one moment, however many they are. What was replaced is removed in small steps too.
--   preparing  not whole yet
--   ready      whole, for the chatbot's next embedding model
--   live       what searches see; one for each document
--   retired    to be removed
create table source_versions (
  id bigint primary key generated always as identity,
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_id uuid not null,
  state text not null default 'preparing' check (state in ('preparing', 'ready', 'live', 'retired')),
  embedding_model text not null,
  -- SHA-256 of all passages: a run that was cut off goes on only if it would store the same
  fingerprint text not null,
  chunks_total integer not null check (chunks_total >= 0),
  chunks_done integer not null default 0 check (chunks_done >= 0),
  -- what the embedding model has been paid for, and not logged yet
  tokens_unlogged bigint not null default 0 check (tokens_unlogged >= 0),
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, chatbot_id, source_id)
    references knowledge_sources (organization_id, chatbot_id, id) on delete cascade
);
create unique index source_versions_live on source_versions (source_id) where state = 'live';
create unique index source_versions_next on source_versions (source_id, embedding_model)
  where state in ('preparing', 'ready');
create index source_versions_source on source_versions (source_id);
create index source_versions_hidden on source_versions (chatbot_id) where state <> 'live';
call isolate_tenants('source_versions');

-- Passages. Numbered and not UUIDs: a search reads the ids of all passages of a chatbot.
create table document_chunks (
  id bigint primary key generated always as identity,
  organization_id uuid not null,
  chatbot_id uuid not null,
  source_id uuid not null,
  -- 0: of no version, so visible at once
  version_id bigint not null default 0,
  position integer not null,
  content text not null,
  -- what to cite: the page if there are pages, where it begins and ends in the extracted text (UTF-16
  -- units), and the headings above it, outermost first
  page integer,
  start_offset integer not null default 0,
  end_offset integer not null default 0,
  headings text[] not null default '{}',
  embedding_model text not null,
  embedding halfvec(1536) not null,
  -- the signs of the embedding: near in angle is near in these bits, and they are 16 times smaller
  embedding_bits bit(1536) not null generated always as (binary_quantize(embedding)::bit(1536)) stored,
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (source_id, version_id, position),
  foreign key (organization_id, chatbot_id, source_id)
    references knowledge_sources (organization_id, chatbot_id, id) on delete cascade
);
-- Everything that the first pass of a search reads. No global HNSW index: filtering by chatbot after it
-- loses up to all results of a small tenant. Chatbots of many passages get one of their own (below).
create index document_chunks_bits on document_chunks (chatbot_id) include (organization_id, id, version_id, embedding_bits);
call isolate_tenants('document_chunks', queries_read => 'many rows');

-- The lexical side: BM25 weights of a passage's terms. A term's id is 1 + crc32(term) % 999999937. Apart
-- from document_chunks and in the row, so that a scan reads little. Only ever inserted and deleted:
-- the triggers below count nothing else.
create table chunk_terms (
  chunk_id bigint primary key,
  organization_id uuid not null,
  chatbot_id uuid not null,
  version_id bigint not null default 0,
  terms sparsevec(1000000000) not null,
  foreign key (organization_id, chunk_id) references document_chunks (organization_id, id) on delete cascade
);
alter table chunk_terms alter terms set storage main;
create index chunk_terms_chatbot on chunk_terms (chatbot_id);
call isolate_tenants('chunk_terms', queries_read => 'many rows');
revoke update on chunk_terms from parley_app, parley_system;

-- In how many passages of the chatbot a term occurs (document_frequency); term 0 counts the passages.
-- Those of hidden versions count too: for a short time, and of what is nearly the same text.
create table chatbot_terms (
  organization_id uuid not null,
  chatbot_id uuid not null,
  term integer not null,
  document_frequency integer not null,
  primary key (chatbot_id, term),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade
) with (fillfactor = 80);
call isolate_tenants('chatbot_terms', queries_read => 'many rows');

create function term_ids(p_terms sparsevec) returns setof integer language sql immutable as $$
  select 0
  union all
  select split_part(entry, ':', 1)::integer
  from string_to_table(btrim(split_part(p_terms::text, '/', 1), '{}'), ',') entry where entry <> ''
$$;

-- Both ways go through the terms in one order, so that two writers of a chatbot do not deadlock.
create function count_terms() returns trigger language plpgsql as $$
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
end $$;
create trigger chunk_terms_added after insert on chunk_terms
  referencing new table as changed for each statement execute function count_terms();
create trigger chunk_terms_removed after delete on chunk_terms
  referencing old table as changed for each statement execute function count_terms();

-- A chatbot of many passages gets an HNSW index of its own (src/knowledge/search/keep-own-indexes.ts),
-- over the same signs. Its name tells whose it is; whether it is there and whole, the catalogue tells.
create function own_index_name(p_chatbot_id uuid) returns text language sql immutable as $$
  select 'document_chunks_near_' || replace(p_chatbot_id::text, '-', '')
$$;

-- The planner proves that a partial index fits only from a constant, so the statement names the chatbot.
-- It believes that row-level security leaves few rows, and would sort them all instead of asking the index:
-- without sorting nothing else is left. Sorting that is switched off looks dear enough to be compiled
-- (measured: 100 ms), hence no JIT. Hidden versions are taken out after the index, which then goes on
-- looking. Up to 800 passages; ef_search from docs/adr/0017.
create function nearest_by_own_index(p_chatbot_id uuid, p_signs bit(1536))
returns table (id bigint, apart double precision) language plpgsql stable set enable_sort = off set jit = off as $$
begin
  -- here and not above: a restore that is no superuser may not attach settings of extensions
  perform set_config('hnsw.ef_search', '800', true), set_config('hnsw.iterative_scan', 'relaxed_order', true);
  return query execute format(
    'select c.id, c.embedding_bits <~> $1
     from document_chunks c
     where c.chatbot_id = %1$L and c.version_id <> all (array(
       select v.id from source_versions v where v.chatbot_id = %1$L and v.state <> ''live''))
     order by c.embedding_bits <~> $1 limit 800', p_chatbot_id) using p_signs;
end $$;

-- The passages of a chatbot whose signs are nearest, and in how many of the 1536 they differ.
create function nearest_by_signs(p_chatbot_id uuid, p_signs bit(1536), p_limit integer)
returns table (id bigint, apart double precision) language plpgsql stable as $$
begin
  return query
    select c.id, c.embedding_bits <~> p_signs -- as it is ordered by, so computed once
    from document_chunks c
    where c.chatbot_id = p_chatbot_id and c.version_id <> all (array(
      select v.id from source_versions v where v.chatbot_id = p_chatbot_id and v.state <> 'live'))
    order by c.embedding_bits <~> p_signs limit p_limit;
end $$;

-- The cosine distances of passages. One look-up for each: left to the planner, a plan that was made when
-- small chatbots were asked reads all passages of a tenant (measured: 43 ms instead of 15 for 30,000).
create function distances_of(p_ids bigint[], p_embedding halfvec(1536))
returns table (id bigint, distance double precision) language plpgsql stable as $$
begin
  return query
    select n.id, k.distance
    from unnest(p_ids) as n (id) cross join lateral (
      select c.embedding <=> p_embedding as distance from document_chunks c where c.id = n.id offset 0
    ) k;
end $$;

-- The passages of a chatbot nearest to a question by cosine distance, at least p_limit of them if it has
-- so many; they come in no order. Signs sort out which passages to compare (docs/adr/0012): two vectors
-- at an angle of a differ in a / pi of their signs, give or take the chance of a coin. So the 100 nearest by
-- signs are compared, and then every other that may be nearer than the p_limit-th best of these, up to 4000.
create function nearest_passages(p_chatbot_id uuid, p_embedding vector(1536), p_limit integer)
returns table (id bigint, distance double precision) language plpgsql stable as $$
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
end $$;

-- The specification's vector search.
create function search_knowledge_base(
  chatbot_id uuid, query_embedding vector(1536), top_k integer default 5, threshold double precision default 0.7
) returns table (
  id bigint, source_id uuid, content text, similarity double precision, source_name text, page integer
) language sql stable as $$
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
$$;

-- Lexical (BM25) and vector search, joined by reciprocal rank (k = 60; facts: the weights matter, k
-- does not). `score` orders; it is no measure of confidence, for which there is `similarity`.
--   p_embedding  null: the lexical leg alone, as when the embedding service is down
--   p_terms      distinct ids of the question's terms; empty: the vector leg alone
create function search_knowledge(
  p_chatbot_id uuid, p_embedding vector(1536), p_terms integer[], p_limit integer default 5,
  p_vector_weight double precision default 1, p_lexical_weight double precision default 1
) returns table (
  id bigint, source_id uuid, source_name text, content text, page integer, headings text[],
  similarity double precision, lexical double precision, score double precision
) language sql stable as $$
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
$$;

-- Questions that the knowledge had no answer to, each once for a chatbot: what to write next. Removed
-- with the conversation that asked last, since a question may tell of its person.
create table knowledge_gaps (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null,
  chatbot_id uuid not null,
  conversation_id uuid,
  turn_id uuid,
  question text not null check (question <> ''),
  question_key text not null generated always as (md5(lower(btrim(question)))) stored,
  reason text not null check (reason in ('nothing-found', 'below-threshold', 'not-answered')),
  best_similarity double precision,
  occurrences integer not null default 1,
  status text not null default 'open' check (status in ('open', 'resolved', 'dismissed')),
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (chatbot_id, question_key),
  foreign key (organization_id, chatbot_id) references chatbots (organization_id, id) on delete cascade,
  foreign key (organization_id, conversation_id) references conversations (organization_id, id) on delete cascade
);
create index knowledge_gaps_open on knowledge_gaps (chatbot_id, occurrences desc) where status = 'open';
create index knowledge_gaps_conversation on knowledge_gaps (conversation_id);
create trigger knowledge_gaps_organization before insert on knowledge_gaps
  for each row execute function fill_organization();
call isolate_tenants('knowledge_gaps');

-- Takes the chatbot's next embedding model into use, if every document that can be found has a whole
-- version made by it of the same text. The chatbot's row is locked by everybody who changes which
-- version is live. Returns whether it did.
create function switch_embedding_model(p_chatbot_id uuid) returns boolean
language plpgsql volatile as $$
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
end $$;

-- Posts the documents whose time to be looked at again has come, and sets their next time. One that is
-- still at work is left for the next round. Returns how many were posted.
create function post_due_syncs(p_limit integer) returns integer
language plpgsql volatile security definer set search_path = public, pg_temp as $$
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
end $$;

-- Takes one mailbox for a worker, if it is due: for a command that does the work itself when no worker
-- lives. Null: it is not due, or somebody has it.
create function mailbox_claim_key(p_worker text, p_key text) returns jsonb
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  v_box mailboxes;
begin
  update mailboxes set
    owner = p_worker, fence = fence + 1, attempt = attempt + 1, turn_id = coalesce(turn_id, uuid_v7()),
    turn_upto = coalesce(turn_upto, case when coalesces then last_seq else done_seq + 1 end)
  where key = p_key and owner is null and last_seq > done_seq and run_at <= clock_timestamp()
  returning * into v_box;
  return case when v_box.key is not null then mailbox_turn(v_box) end;
end $$;

-- In how many milliseconds it is due; null: it is empty, or somebody has it.
create function mailbox_due_ms(p_key text) returns double precision
language sql stable security definer set search_path = public, pg_temp as $$
  select greatest(0, ceil(extract(epoch from run_at - clock_timestamp()) * 1000))::double precision
  from mailboxes where key = p_key and owner is null and last_seq > done_seq
$$;

do $$
declare
  routine text;
begin
  foreach routine in array array[
    'post_due_syncs(integer)', 'mailbox_claim_key(text, text)', 'mailbox_due_ms(text)'
  ] loop
    execute format('alter function %s owner to parley_system', routine);
    execute format('revoke execute on function %s from public', routine);
    execute format('grant execute on function %s to parley_app, parley_system', routine);
  end loop;
end $$;
