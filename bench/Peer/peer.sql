-- The plain peer's schema: one row per user, one per relation, one per message, one per event, and one function that decides and writes a send.
-- Applied at start into an empty database.

create table businesses (phone_number bigint primary key, business bigint not null);

create table templates (
    id bigint primary key, business bigint not null, name text not null, language text not null, category smallint not null, approved boolean not null,
    unique (business, name, language));

-- receipts: the counted marketing messages of the last week, oldest first.
create table users (
    id bigint primary key, messages bigint not null default 0,
    receipt_times timestamptz[] not null default '{}', receipt_businesses bigint[] not null default '{}') with (fillfactor = 70);

create table relations (
    user_id bigint not null, business bigint not null, utility boolean not null, marketing boolean not null,
    blocked boolean not null default false, window_from timestamptz, primary key (user_id, business)) with (fillfactor = 70);

create table messages (
    user_id bigint not null, number bigint not null, business bigint not null, phone_number bigint not null, template bigint not null,
    category smallint not null, status smallint not null default 0, at timestamptz not null, key bigint, body bigint, content bytea not null,
    primary key (user_id, number));
create unique index messages_key on messages (user_id, key) where key is not null;

create table events (
    seq bigint generated always as identity primary key, at timestamptz not null, user_id bigint not null, business bigint not null,
    message bigint not null, kind smallint not null);
create index events_business on events (business, seq);

-- Categories: 0 service, 1 utility, 2 authentication, 3 marketing. The answer: refusal is null when it is accepted or replayed.
-- A send that neither counts nor has a key needs no lock before its update; the others take the user's row first.
create function send(
    the_user bigint, the_business bigint, the_number bigint, the_template bigint, the_category smallint, the_key bigint, the_body bigint, the_content bytea,
    out refusal integer, out message bigint, out replayed boolean)
language plpgsql as $$
declare
    relation relations;
    account users;
    earlier record;
    now_at timestamptz;
    in_window boolean;
    recent integer;
begin
    replayed := false;
    if the_key is not null or the_category = 3 then
        select * into account from users where id = the_user for update;
        if not found then
            refusal := 131026;
            return;
        end if;
    end if;
    now_at := date_trunc('milliseconds', clock_timestamp());

    if the_key is not null then
        select number, body into earlier from messages where user_id = the_user and key = the_key;
        if found then
            if earlier.body = the_body then
                message := earlier.number;
                replayed := true;
            else
                refusal := 100;
            end if;
            return;
        end if;
    end if;

    select * into relation from relations where user_id = the_user and business = the_business;
    if not found or relation.blocked then
        refusal := 131026;
        return;
    end if;
    in_window := coalesce(now_at < relation.window_from + interval '24 hours', false);
    if the_category = 0 then
        if not in_window then
            refusal := 131047;
            return;
        end if;
    elsif the_category = 3 then
        if not relation.marketing then
            refusal := 131050;
            return;
        end if;
        if not in_window then
            select count(*) filter (where at > now_at - interval '24 hours') into recent from unnest(account.receipt_times) at;
            if recent >= 2 or cardinality(account.receipt_times) >= 6 and account.receipt_times[cardinality(account.receipt_times) - 5] > now_at - interval '7 days' then
                refusal := 131049;
                return;
            end if;
            select count(*) into recent from unnest(account.receipt_times, account.receipt_businesses) as receipt (at, business)
                where at > now_at - interval '24 hours' and business = the_business;
            if recent >= 1 then
                refusal := 131049;
                return;
            end if;
        end if;
    elsif not relation.utility and not in_window then
        refusal := 131050;
        return;
    end if;

    if the_category = 3 and not in_window then
        update users set messages = messages + 1,
            receipt_times = account.receipt_times[greatest(1, cardinality(account.receipt_times) - 30):] || now_at,
            receipt_businesses = account.receipt_businesses[greatest(1, cardinality(account.receipt_businesses) - 30):] || the_business
            where id = the_user returning messages into message;
    else
        update users set messages = messages + 1 where id = the_user returning messages into message;
    end if;
    insert into messages (user_id, number, business, phone_number, template, category, at, key, body, content)
        values (the_user, message, the_business, the_number, the_template, the_category, now_at, the_key, the_body, the_content);
    insert into events (at, user_id, business, message, kind) values (now_at, the_user, the_business, message, 1);
end
$$;
