-- Stores deliveries whose token is that of their attempt; a repeated one is counted. Storage for one attempt is bounded, because its token can be used again
-- and again: further deliveries, and those to an attempt that ended long ago, keep only their digest; beyond a number of rows they are counted in one. Bodies
-- come as one blob, each by its place in it. Index: primary keys, reached from the deliveries (see commit). Called by ReceiveAsync.
create temp table if not exists receiving (
    number integer primary key,
    bucket integer, batch integer, stage integer, item integer, attempt integer, message text, digest text, headers text, first integer, bytes integer, is_old integer
);

delete from receiving;

insert into receiving (number, bucket, batch, stage, item, attempt, message, digest, headers, first, bytes, is_old)
with d as materialized (
    select key, value
      from jsonb_each(cast(@deliveries as text)))
select d.key, a.bucket, a.batch, a.stage, a.item, a.attempt, d.value ->> 6, d.value ->> 7, d.value ->> 8, d.value ->> 9, d.value ->> 10, coalesce(a.ended_at < @now - @bodiesFor, 0)
  from d
 cross join {schema}.attempts a
 where a.bucket = d.value ->> 0
   and a.batch = d.value ->> 1
   and a.stage = d.value ->> 2
   and a.item = d.value ->> 3
   and a.attempt = d.value ->> 4
   and a.token = unhex(d.value ->> 5);

-- An empty substring of an empty blob is null.
insert into {schema}.inbox as i (bucket, batch, stage, item, attempt, message, state, reason, times, received_at, due_at, headers, body)
with seen as materialized (
    select r.*,
           exists (select 1
                     from {schema}.inbox w
                    where w.bucket = r.bucket and w.batch = r.batch and w.stage = r.stage and w.item = r.item and w.attempt = r.attempt and w.message = r.message)
           or exists (select 1
                        from receiving w
                       where w.number < r.number and w.bucket = r.bucket and w.batch = r.batch and w.stage = r.stage and w.item = r.item and w.attempt = r.attempt
                         and w.message = r.message) as is_there
      from receiving r),
placed as materialized (
    select s.*,
           (select count(*)
              from {schema}.inbox w
             where w.bucket = s.bucket and w.batch = s.batch and w.stage = s.stage and w.item = s.item and w.attempt = s.attempt)
           + count(*) filter (where not s.is_there) over up_to as place,
           (select coalesce(sum(octet_length(w.body) + octet_length(w.headers)), 0)
              from {schema}.inbox w
             where w.bucket = s.bucket and w.batch = s.batch and w.stage = s.stage and w.item = s.item and w.attempt = s.attempt)
           + coalesce(sum(s.bytes + octet_length(s.headers)) filter (where not s.is_there) over up_to, 0) as up_to
      from seen s
    window up_to as (partition by s.bucket, s.batch, s.stage, s.item, s.attempt order by s.number)),
counted as materialized (
    select p.*, not p.is_old and (p.place = 1 or (p.place <= @mostBodies and p.up_to <= @mostBytes)) as is_kept
      from placed p)
select bucket, batch, stage, item, attempt, case when is_there or place <= @mostRows then message else '+' end, case when is_kept then {delivery.received} else {delivery.not_kept} end,
       case when not is_kept then digest end, 1, @now, @now,
       case when is_kept then headers else '{}' end, case when is_kept then coalesce(substr(@bodies, first, bytes), x'') else x'' end
  from counted
 where true
 order by number
on conflict (bucket, batch, stage, item, attempt, message) do update
   set times = i.times + 1;

select number
  from receiving;
