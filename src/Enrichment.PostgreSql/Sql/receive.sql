-- Stores deliveries whose token is that of their attempt; a repeated one is counted. Storage for one attempt is bounded, because its token can be used again
-- and again: further deliveries, and those to an attempt that ended long ago, keep only their digest; beyond a number of rows they are counted in one. Two
-- hosts
-- at once may each keep up to the bound. Locks: the attempt's key, so that none is stored while its batch is being pruned (see prune_deliveries); the
-- delivery's row.
-- Index: primary keys. Called by ReceiveAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
delivery as materialized (
    select *
      from unnest(@numbers::int[], @buckets::smallint[], @batches::int[], @stages::smallint[], @items::int[], @attempts::int[], @tokens::bytea[], @messages::text[],
                  @digests::text[], @headers::json[], @bodies::bytea[])
        as d (number, bucket, batch, stage, item, attempt, token, message, digest, headers, body)),
known as materialized (
    select d.number, d.bucket, d.batch, d.stage, d.item, d.attempt, d.message, d.digest, d.headers, d.body, a.is_old
      from delivery d
     cross join clock
     cross join lateral (select coalesce(w.ended_at < clock.now - @bodiesFor, false) as is_old
                           from {schema}.attempts w
                          where w.bucket = d.bucket and w.batch = d.batch and w.stage = d.stage and w.item = d.item and w.attempt = d.attempt and w.token = d.token
                            for key share
                         offset 0) a),
different as (
    select distinct on (k.bucket, k.batch, k.stage, k.item, k.attempt, k.message)
           k.*, octet_length(k.body) + octet_length(k.headers::text) as bytes, count(*) over (partition by k.bucket, k.batch, k.stage, k.item, k.attempt, k.message) as times
      from known k
     order by k.bucket, k.batch, k.stage, k.item, k.attempt, k.message, k.number),
placed as (
    select f.*, there.rows > 0 as is_there,
           held.rows + count(*) filter (where there.rows = 0) over up_to as place,
           held.bytes + coalesce(sum(f.bytes) filter (where there.rows = 0) over up_to, 0) as up_to
      from different f
     cross join lateral (select count(*) as rows
                           from {schema}.inbox i
                          where i.bucket = f.bucket and i.batch = f.batch and i.stage = f.stage and i.item = f.item and i.attempt = f.attempt and i.message = f.message
                         offset 0) there
     cross join lateral (select count(*) as rows, coalesce(sum(octet_length(i.body) + octet_length(i.headers::text)), 0) as bytes
                           from {schema}.inbox i
                          where i.bucket = f.bucket and i.batch = f.batch and i.stage = f.stage and i.item = f.item and i.attempt = f.attempt
                         offset 0) held
    window up_to as (partition by f.bucket, f.batch, f.stage, f.item, f.attempt order by f.number)),
counted as (
    select p.*, case when p.is_there or p.place <= @mostRows then p.message else '+' end as row_message,
           not p.is_old and (p.place = 1 or (p.place <= @mostBodies and p.up_to <= @mostBytes)) as is_kept
      from placed p),
stored as (
    insert into {schema}.inbox as i (bucket, batch, stage, item, attempt, message, state, reason, times, received_at, due_at, headers, body)
    select distinct on (c.bucket, c.batch, c.stage, c.item, c.attempt, c.row_message)
           c.bucket, c.batch, c.stage, c.item, c.attempt, c.row_message, case when c.is_kept then {delivery.received} else {delivery.not_kept} end, case when not c.is_kept then c.digest end,
           sum(c.times) over (partition by c.bucket, c.batch, c.stage, c.item, c.attempt, c.row_message), clock.now, clock.now,
           case when c.is_kept then c.headers else '{}' end, case when c.is_kept then c.body else '' end
      from counted c, clock
     order by c.bucket, c.batch, c.stage, c.item, c.attempt, c.row_message, c.number
    on conflict (bucket, batch, stage, item, attempt, message) do update
       set times = i.times + excluded.times)
select number
  from known;
