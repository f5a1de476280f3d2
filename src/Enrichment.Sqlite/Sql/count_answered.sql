-- For how many entities a request would make no call: the last request has an answer that serves, or is open, see request_entities. Index: primary keys,
-- batches_of_requests. Called by CountAnsweredAsync.
with k as materialized (
    select b.batch
      from {schema}.clients c
      join {schema}.batches b on b.client = c.client and b.request_hash = @answers and b.entity_requests
     where c.slug = @client
       and b.pruned_at is null),
a as materialized (
    select j.value ->> 0 as bucket, j.value ->> 1 as key
      from json_each(@entities) j),
l as materialized (
    select a.bucket, a.key, max((select max(e.request) from {schema}.entities e where e.bucket = a.bucket and e.batch = k.batch and e.key = a.key)) as request, k.batch
      from a
     cross join k
     group by a.bucket, a.key)
select count(*)
  from l
  join {schema}.entities e on e.bucket = l.bucket and e.batch = l.batch and e.key = l.key and e.request = l.request
  join {schema}.workflow_states s on s.bucket = l.bucket and s.batch = e.batch and s.stage = 1 and s.item = e.item
  left join {schema}.enrichment_results r on r.bucket = l.bucket and r.batch = e.batch and r.stage = 1 and r.item = e.item and r.attempt = s.result_attempt
 where s.status in ({status.pending}, {status.in_progress})
    or @review and s.status = {status.failed} and s.error_class = {class.outcome_unknown}
    or s.status = {status.completed} and not @refresh and r.created_at > @now - case r.kind when {outcome.not_found} then @freshNotFound else @fresh end;
