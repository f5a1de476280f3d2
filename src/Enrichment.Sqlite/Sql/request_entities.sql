-- Finds or makes the requests of some entities of one bucket: a fresh answer serves, an open request gets one more waiter, and so does one with an unknown
-- outcome, until an operator decides; else a request is made, as an item of the request batch with its row and its first state. Its number is the next of
-- those that Bucket.Of gives to this bucket. No row if the batch has changed, so that there may be others to read, or if it is of another month.
-- Index: primary keys. Called by RequestAsync.
create temp table if not exists requesting (
    number integer primary key,
    key text, raw text, batch integer, request integer, item integer, kind integer, data text,
    open integer, serves integer,
    made integer not null default 0
);

delete from requesting;

insert into requesting (number, key, raw, batch, request, item, kind, data, open, serves)
with a as materialized (
    select j.key as number, j.value ->> 0 as key, j.value ->> 1 as raw, j.value ->> 2 as permitted
      from json_each(cast(@requests as text)) j
     where exists (select 1
                     from {schema}.batches b
                    where b.batch = @batch
                      and b.version = @version
                      and strftime('%Y-%m', b.created_at / 1000, 'unixepoch') = strftime('%Y-%m', @now / 1000, 'unixepoch'))),
k as materialized (
    select j.value as batch
      from json_each(@batches) j
      join {schema}.batches b on b.batch = j.value and b.pruned_at is null),
l as materialized (
    select a.number, a.key, a.raw, a.permitted, max((select max(e.request) from {schema}.entities e where e.bucket = @bucket and e.batch = k.batch and e.key = a.key)) as request, k.batch
      from a
      left join k
     group by a.number)
select l.number, l.key, l.raw, l.batch, l.request, e.item, r.kind, r.data,
       coalesce(s.status in ({status.pending}, {status.in_progress}) or @review and not l.permitted and s.status = {status.failed} and s.error_class = {class.outcome_unknown}, 0),
       coalesce(s.status = {status.completed}
                and r.created_at > @now - case r.kind when {outcome.not_found} then @freshNotFound else @fresh end
                and r.created_at >= coalesce(@since, r.created_at), 0)
  from l
  left join {schema}.entities e on e.bucket = @bucket and e.batch = l.batch and e.key = l.key and e.request = l.request
  left join {schema}.workflow_states s on s.bucket = @bucket and s.batch = e.batch and s.stage = @stage and s.item = e.item
  left join {schema}.enrichment_results r on r.bucket = @bucket and r.batch = e.batch and r.stage = @stage and r.item = e.item and r.attempt = s.result_attempt;

with b as materialized (
    select coalesce((max(i.item) - 1) / 64000 * 1000 + (max(i.item) - 1) % 1000 + 1, 0) as n
      from {schema}.batch_items i
     where i.bucket = @bucket
       and i.batch = @batch),
m as materialized (
    select a.number, b.n + row_number() over (order by a.number) - 1 as n
      from requesting a
     cross join b
     where not a.open
       and not a.serves)
update requesting
   set made = 1, request = coalesce(request, 0) + 1, batch = @batch, item = m.n / 1000 * 64000 + @offset + m.n % 1000 + 1
  from m
 where requesting.number = m.number;

insert into {schema}.entities (bucket, batch, key, request, item, waiting, callers)
select @bucket, @batch, a.key, a.request, a.item, 1 << @waiterBucket, 1
  from requesting a
 where a.made;

insert into {schema}.upload_rows (bucket, upload, row, raw)
select @bucket, @upload, a.item, a.raw
  from requesting a
 where a.made;

insert into {schema}.batch_items (bucket, batch, item)
select @bucket, @batch, a.item
  from requesting a
 where a.made;

insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at)
select @bucket, @batch, @stage, a.item, {status.pending}, 1, @now, @now
  from requesting a
 where a.made;

insert into {schema}.ranges as r (bucket, batch, stage, pending, due_at)
select @bucket, @batch, @stage, n.made, @now
  from (select count(*) as made from requesting where made) n
 where n.made > 0
on conflict (bucket, batch, stage) do update
   set pending = r.pending + excluded.pending, due_at = min(coalesce(r.due_at, excluded.due_at), excluded.due_at);

update {schema}.uploads
   set accepted = (select max(a.item) - 1 from requesting a where a.made) / 64000 * 64000 + 64000
 where upload = @upload
   and accepted < (select max(a.item) from requesting a where a.made);

with a as materialized (
    select batch, key, request
      from requesting
     where open)
update {schema}.entities as e
   set waiting = e.waiting | (1 << @waiterBucket), callers = e.callers + 1
  from a
 where e.bucket = @bucket
   and e.batch = a.batch
   and e.key = a.key
   and e.request = a.request;

select number, batch, item, made, case when serves then kind end as kind, case when serves then data end as data
  from requesting
 order by number;
