-- People who sign in: the tables of better-auth (organization and two-factor plugins), in our naming.
-- It runs without a tenant, as parley_auth, which reaches these tables and organizations and nothing
-- else; parley_app does not reach passwords and sessions at all.
do $$
begin
  if not exists (select from pg_roles where rolname = 'parley_auth') then
    begin
      create role parley_auth nologin;
    exception when duplicate_object or unique_violation then
      null;
    end;
  end if;
  if not (pg_has_role(current_user, 'parley_auth', 'set') and pg_has_role(current_user, 'parley_auth', 'usage')) then
    grant parley_auth to current_user;
  end if;
end $$;
grant usage on schema public to parley_auth;

create table users (
  id uuid primary key default uuid_v7(),
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sessions (
  id uuid primary key default uuid_v7(),
  user_id uuid not null references users on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  active_organization_id uuid references organizations on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);
create index sessions_organization on sessions (active_organization_id);
create index sessions_expires on sessions (expires_at);

create table accounts (
  id uuid primary key default uuid_v7(),
  user_id uuid not null references users on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider_id, account_id)
);
create index accounts_user on accounts (user_id);

create table verifications (
  id uuid primary key default uuid_v7(),
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_identifier on verifications (identifier);
create index verifications_expires on verifications (expires_at);

create table two_factors (
  id uuid primary key default uuid_v7(),
  user_id uuid not null references users on delete cascade,
  secret text not null,
  backup_codes text not null,
  verified boolean,
  failed_verification_count integer,
  locked_until timestamptz
);
create index two_factors_user on two_factors (user_id);
create index two_factors_secret on two_factors (secret);

create table rate_limits (
  id uuid primary key default uuid_v7(),
  key text not null unique,
  count integer not null,
  last_request bigint not null
);

grant select, insert, update, delete
  on users, sessions, accounts, verifications, two_factors, rate_limits to parley_auth;

create table members (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null references organizations on delete cascade,
  user_id uuid not null references users on delete cascade,
  role text not null default 'member' check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null default now(),
  unique (organization_id, user_id)
);
create index members_user on members (user_id);
call isolate_tenants('members');

create table invitations (
  id uuid primary key default uuid_v7(),
  organization_id uuid not null references organizations on delete cascade,
  email text not null,
  role text check (role in ('owner', 'admin', 'member')),
  status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected', 'canceled')),
  inviter_id uuid not null references users on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index invitations_organization on invitations (organization_id);
create index invitations_email on invitations (email);
create index invitations_inviter on invitations (inviter_id);
call isolate_tenants('invitations');

create policy account_rows on organizations to parley_auth using (true);
create policy account_rows on members to parley_auth using (true);
create policy account_rows on invitations to parley_auth using (true);
grant select, insert, update, delete on organizations, members, invitations to parley_auth;

-- What people did outlives their account.
alter table api_keys
  add constraint api_keys_created_by_fkey foreign key (created_by) references users on delete set null;
alter table system_alerts
  add constraint system_alerts_acknowledged_by_fkey foreign key (acknowledged_by) references users on delete set null;
create index api_keys_created_by on api_keys (created_by) where created_by is not null;
create index system_alerts_acknowledged_by on system_alerts (acknowledged_by) where acknowledged_by is not null;
