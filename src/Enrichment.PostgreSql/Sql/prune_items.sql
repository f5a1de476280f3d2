-- Deletes the rows of a block of items of a pruned batch, in one statement of bounded size; nothing of a batch without the mark. Locks: those rows, which no
-- host writes any more. prune_deliveries then deletes their deliveries. Index: primary keys, once a stage. Called by DeletePrunedAsync, block after block.
with pruned as materialized (
    select b.batch
      from {schema}.batches b
     where b.batch = @batch
       and b.pruned_at is not null),
items as (
    delete from {schema}.batch_items i
     where i.bucket = @bucket
       and i.batch = @batch
       and i.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
states as (
    delete from {schema}.workflow_states s
     where s.bucket = @bucket
       and s.batch = @batch
       and s.stage = any (@stages)
       and s.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
history as (
    delete from {schema}.state_history h
     where h.bucket = @bucket
       and h.batch = @batch
       and h.stage = any (@stages)
       and h.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
results as (
    delete from {schema}.enrichment_results r
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = any (@stages)
       and r.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
attempts_ as (
    delete from {schema}.attempts a
     where a.bucket = @bucket
       and a.batch = @batch
       and a.stage = any (@stages)
       and a.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
entities_ as (
    delete from {schema}.entities e
     where e.bucket = @bucket
       and e.batch = @batch
       and e.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
waits as (
    delete from {schema}.entity_waiters w
     where w.bucket = @bucket
       and w.batch = @batch
       and w.stage = any (@stages)
       and w.item between @first and @last
       and exists (select 1 from pruned)
    returning 1),
suspects as (
    delete from {schema}.leases l
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = any (@stages)
       and l.lo between @first and @last
       and exists (select 1 from pruned)
    returning 1),
tasks as (
    delete from {schema}.external_tasks t
     where t.bucket = @bucket
       and t.batch = @batch
       and t.stage = any (@stages)
       and t.item between @first and @last
       and exists (select 1 from pruned)
    returning 1)
select ((select count(*) from items) + (select count(*) from states) + (select count(*) from history) + (select count(*) from results) + (select count(*) from attempts_)
        + (select count(*) from entities_) + (select count(*) from waits) + (select count(*) from suspects) + (select count(*) from tasks))::int;
