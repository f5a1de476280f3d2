-- Stores deliveries whose token is that of their attempt; one that is there already is counted there. Their bodies come as one blob, each by its place in it.
-- Index: primary keys, reached from the deliveries (see commit). Called by ReceiveAsync.
create temp table if not exists receiving (
    number integer primary key,
    bucket integer, batch integer, stage integer, item integer, attempt integer, message text, headers text, first integer, bytes integer
);

delete from receiving;

insert into receiving (number, bucket, batch, stage, item, attempt, message, headers, first, bytes)
with d as materialized (
    select key, value
      from jsonb_each(cast(@deliveries as text)))
select d.key, a.bucket, a.batch, a.stage, a.item, a.attempt, d.value ->> 6, d.value ->> 7, d.value ->> 8, d.value ->> 9
  from d
 cross join {schema}.attempts a
 where a.bucket = d.value ->> 0
   and a.batch = d.value ->> 1
   and a.stage = d.value ->> 2
   and a.item = d.value ->> 3
   and a.attempt = d.value ->> 4
   and a.token = unhex(d.value ->> 5);

-- An empty substring of an empty blob is null.
insert into {schema}.inbox as i (bucket, batch, stage, item, attempt, message, state, times, received_at, due_at, headers, body)
select bucket, batch, stage, item, attempt, message, 0, 1, @now, @now, headers, coalesce(substr(@bodies, first, bytes), x'')
  from receiving
 where true
 order by number
on conflict (bucket, batch, stage, item, attempt, message) do update
   set times = i.times + 1;

select number
  from receiving;
