-- For how many entities a request would make no call: the last request has an answer that serves, or is open, see request_entities. Index: primary keys,
-- batches_of_requests. Called by CountAnsweredAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
k as materialized (
    select b.batch
      from {schema}.clients c
      join {schema}.batches b on b.client = c.client and b.request_hash = @answers and b.entity_requests
     where c.slug = @client
       and b.pruned_at is null)
select count(*)::int
  from clock
 cross join unnest(@buckets::smallint[], @keys::text[]) a (bucket, key)
 cross join lateral (select l.batch, l.item
                       from k
                      cross join lateral (select w.batch, w.request, w.item
                                            from {schema}.entities w
                                           where w.bucket = a.bucket and w.batch = k.batch and w.key = a.key
                                           order by w.request desc
                                           limit 1) l
                      order by l.request desc
                      limit 1) e
 cross join lateral (select w.status, w.error_class, w.result_attempt
                       from {schema}.workflow_states w
                      where w.bucket = a.bucket and w.batch = e.batch and w.stage = 1 and w.item = e.item
                     offset 0) s
  left join lateral (select w.kind, w.created_at
                       from {schema}.enrichment_results w
                      where w.bucket = a.bucket and w.batch = e.batch and w.stage = 1 and w.item = e.item and w.attempt = s.result_attempt
                     offset 0) r on true
 where s.status in ({status.pending}, {status.in_progress})
    or @review and s.status = {status.failed} and s.error_class = {class.outcome_unknown}
    or s.status = {status.completed} and not @refresh and r.created_at > clock.now - case r.kind when {outcome.not_found} then @freshNotFound else @fresh end;
