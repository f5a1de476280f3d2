-- Ended batches older than a span, those that ended first before others, page by page; with @consolidated only those that the typed tables show. With @whole
-- a batch waits until its whole month can go, so that the month's results are dropped and not deleted, but no longer than a month.
-- Index: batches_ended; with @whole every batch that is not pruned is looked at. Called by FindPrunableAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now, coalesce(@now, clock_timestamp()) - @olderThan as before),
waits as materialized (
    select distinct b.batch >> 22 as month
      from {schema}.batches b, clock
     where @whole
       and b.pruned_at is null
       and (b.completed_at is null or b.completed_at > clock.before or b.batch >> 22 >= {schema}.month_of(clock.now)
            or (@consolidated and not b.entity_requests and b.consolidated_version is distinct from b.version)))
select b.batch
  from {schema}.batches b, clock
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and b.pruned_at is null
   and b.completed_at <= clock.before
   and (not @consolidated or b.entity_requests or b.consolidated_version = b.version)
   and (@client::text is null or b.client = (select c.client from {schema}.clients c where c.slug = @client))
   and (b.completed_at <= clock.before - interval '31 days' or not exists (select 1 from waits w where w.month = b.batch >> 22))
   and (@after::int is null or (b.completed_at, b.batch) > (select a.completed_at, a.batch from {schema}.batches a where a.batch = @after))
 order by b.completed_at, b.batch
 limit @limit;
