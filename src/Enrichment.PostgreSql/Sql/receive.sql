-- Stores deliveries whose token is that of their attempt; one that is there already is counted there. Locks: the attempt's key, so that none is stored whose batch is
-- being pruned (see prune_deliveries); the delivery's row. Index: primary keys. Called by ReceiveAsync.
with delivery as materialized (
    select *
      from unnest(@numbers::int[], @buckets::smallint[], @batches::int[], @stages::smallint[], @items::int[], @attempts::int[], @tokens::bytea[], @messages::text[],
                  @headers::json[], @bodies::bytea[])
        as d (number, bucket, batch, stage, item, attempt, token, message, headers, body)),
known as materialized (
    select d.number, d.bucket, d.batch, d.stage, d.item, d.attempt, d.message, d.headers, d.body
      from delivery d
     cross join lateral (select 1
                           from {schema}.attempts a
                          where a.bucket = d.bucket and a.batch = d.batch and a.stage = d.stage and a.item = d.item and a.attempt = d.attempt and a.token = d.token
                            for key share
                         offset 0) a),
stored as (
    insert into {schema}.inbox as i (bucket, batch, stage, item, attempt, message, state, times, received_at, due_at, headers, body)
    select distinct on (k.bucket, k.batch, k.stage, k.item, k.attempt, k.message)
           k.bucket, k.batch, k.stage, k.item, k.attempt, k.message, 0, count(*) over (partition by k.bucket, k.batch, k.stage, k.item, k.attempt, k.message),
           coalesce(@now, clock_timestamp()), coalesce(@now, clock_timestamp()), k.headers, k.body
      from known k
     order by k.bucket, k.batch, k.stage, k.item, k.attempt, k.message, k.number
    on conflict (bucket, batch, stage, item, attempt, message) do update
       set times = i.times + excluded.times)
select number
  from known;
