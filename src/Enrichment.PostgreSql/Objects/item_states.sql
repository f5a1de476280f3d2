-- The full state as every reader should see it, in words, QUEUED and the reason of waiting derived.
create or replace view {schema}.item_states as
select s.bucket, s.batch, s.stage, s.item, s.generation, s.attempt, s.tries, s.error, s.result_attempt, s.due_at, s.updated_at, s.advanced_at,
       case s.error_class when {class.transient} then 'transient' when {class.rate_limited} then 'rate_limited' when {class.permanent} then 'permanent' when {class.invalid_output} then 'invalid_output'
                          when {class.configuration} then 'configuration' when {class.outcome_unknown} then 'outcome_unknown' when {class.poison} then 'poison' when {class.out_of_credits} then 'out_of_credits' end as error_class,
       case s.status when {status.pending} then case when l.lo is null then 'pending' else 'queued' end
                     when {status.in_progress} then 'in_progress' when {status.completed} then 'completed' when {status.failed} then 'failed'
                     when {status.skipped} then 'skipped' when {status.cancelled} then 'cancelled' end as status,
       case when s.status = {status.pending} then coalesce(l.until, greatest(s.due_at, v.until)) when s.status = {status.in_progress} then s.due_at end as acts_at,
       case when s.status = {status.in_progress} then case s.waits when {waits.callback} then 'callback' when {waits.poll} then 'poll' when {waits.worker} then 'worker' else 'entity' end
            when s.status <> {status.pending} then null
            when b.status = {batch.paused} then 'paused'
            when l.lo is null and s.due_at <= clock_timestamp() and v.reason is not null then v.reason
            when s.waits = {waits.retry} then 'retry'
            when s.waits = {waits.rate_limit} then case s.error_class when {class.out_of_credits} then 'vendor_credits' else 'rate_limit' end
            when s.waits = {waits.capable_host} then 'capable_host'
            else 'due' end as reason
  from {schema}.workflow_states s
  join {schema}.batches b on b.batch = s.batch
  left join {schema}.stage_limits k on k.batch = s.batch and k.stage = s.stage
  left join {schema}.limit_states v on v.bucket = k.bucket and v.name = k.name
  left join {schema}.leases l on l.bucket = s.bucket and l.batch = s.batch and l.stage = s.stage and s.item between l.lo and l.hi
        and l.until > clock_timestamp() and s.due_at <= clock_timestamp();
