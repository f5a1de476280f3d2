-- Finds or makes the requests of some entities of one bucket: a fresh answer serves, an open request gets one more waiter, and so does one with an unknown
-- outcome, until an operator decides; else a request is made, as an item of the request batch with its row and its first state. Its number is the next of
-- those that Bucket.Of gives to this bucket. No row if the batch has changed, so that there may be others to read, or if it is of another month. Runs behind
-- lock_requests.
-- Locks: the requests that are found; the range's row is held. Index: primary keys. Called by RequestAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
requested as materialized (
    select a.key, a.raw, a.permitted, a.number::int as number
      from clock, {schema}.batches b, unnest(@keys::text[], @raws::json[], @permitted::boolean[]) with ordinality as a (key, raw, permitted, number)
     where b.batch = @batch
       and b.version = @version
       and date_trunc('month', b.created_at at time zone 'UTC') = date_trunc('month', clock.now at time zone 'UTC')),
latest as materialized (
    select a.key, a.raw, a.number, e.batch, e.request, e.item, r.kind, r.data,
           coalesce(s.status in ({status.pending}, {status.in_progress}) or @review and not a.permitted and s.status = {status.failed} and s.error_class = {class.outcome_unknown}, false) as open,
           coalesce(s.status = {status.completed}
                    and r.created_at > clock.now - case r.kind when {outcome.not_found} then @freshNotFound else @fresh end
                    and r.created_at >= coalesce(@since::timestamptz, r.created_at), false) as serves
      from clock
     cross join requested a
      left join lateral (select l.batch, l.request, l.item
                           from unnest(@batches::int[]) as k (batch)
                           join {schema}.batches b on b.batch = k.batch and b.pruned_at is null
                          cross join lateral (select w.batch, w.request, w.item
                                                from {schema}.entities w
                                               where w.bucket = @bucket and w.batch = k.batch and w.key = a.key
                                               order by w.request desc
                                               limit 1) l
                          order by l.request desc
                          limit 1) e on true
      left join lateral (select w.status, w.error_class, w.result_attempt
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = e.batch and w.stage = @stage and w.item = e.item
                         offset 0) s on true
      left join lateral (select w.kind, w.data, w.created_at
                           from {schema}.enrichment_results w
                          where w.bucket = @bucket and w.batch = e.batch and w.stage = @stage and w.item = e.item and w.attempt = s.result_attempt
                         offset 0) r on true),
before as (
    select coalesce((max(i.item) - 1) / 64000 * 1000 + (max(i.item) - 1) % 1000 + 1, 0) as n
      from {schema}.batch_items i
     where i.bucket = @bucket
       and i.batch = @batch),
made as materialized (
    select l.key, l.raw, l.number, coalesce(l.request, 0) + 1 as request,
           b.n + row_number() over (order by l.number) - 1 as n
      from latest l, before b
     where not l.open
       and not l.serves),
numbered as materialized (
    select m.key, m.raw, m.number, m.request, (m.n / 1000 * 64000 + @offset + m.n % 1000 + 1)::int as item
      from made m),
entity as (
    insert into {schema}.entities (bucket, batch, key, request, item, waiting, callers)
    select @bucket, @batch, n.key, n.request, n.item, 1::bigint << @waiterBucket, 1
      from numbered n),
rows_ as (
    insert into {schema}.upload_rows (bucket, upload, row, raw)
    select @bucket, @upload, n.item, n.raw
      from numbered n),
items_ as (
    insert into {schema}.batch_items (bucket, batch, item)
    select @bucket, @batch, n.item
      from numbered n),
states as (
    insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at)
    select @bucket, @batch, @stage, n.item, {status.pending}, 1, clock.now, clock.now
      from numbered n, clock),
here as (
    update {schema}.ranges r
       set pending = r.pending + d.n, due_at = least(r.due_at, clock.now)
      from clock, (select count(*)::int as n from numbered) d
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and d.n > 0),
grown as (
    update {schema}.uploads u
       set accepted = (d.item - 1) / 64000 * 64000 + 64000
      from (select max(n.item) as item from numbered n) d
     where u.upload = @upload
       and u.accepted < d.item),
shared as (
    update {schema}.entities e
       set waiting = e.waiting | (1::bigint << @waiterBucket), callers = e.callers + 1
      from latest l
     where l.open
       and e.bucket = @bucket
       and e.batch = l.batch
       and e.key = l.key
       and e.request = l.request)
select l.number, case when n.item is null then l.batch else @batch end as batch, coalesce(n.item, l.item) as item, n.item is not null as made,
       case when l.serves then l.kind end as kind, case when l.serves then l.data end as data
  from latest l
  left join numbered n on n.number = l.number
 order by l.number;
