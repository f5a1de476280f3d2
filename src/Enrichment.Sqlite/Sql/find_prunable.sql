-- Ended batches older than a span, those that ended first before others, page by page; with @consolidated only those that the typed tables show. There are no
-- months here: @whole means nothing. Index: batches_ended. Called by FindPrunableAsync.
select b.batch
  from {schema}.batches b
 where b.status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})
   and b.pruned_at is null
   and b.completed_at <= @now - @olderThan
   and (not @consolidated or b.entity_requests or b.consolidated_version = b.version)
   and (@client is null or b.client = (select c.client from {schema}.clients c where c.slug = @client))
   and (@after is null or (b.completed_at, b.batch) > (select a.completed_at, a.batch from {schema}.batches a where a.batch = @after))
 order by b.completed_at, b.batch
 limit @limit;
