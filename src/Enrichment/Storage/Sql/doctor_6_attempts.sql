-- Invariant 6: an attempt is open only under a lease or while its state is in progress with it, such a state has one, none has a number that its state has not reached once closed, and a result of a step with
-- effects outside has its attempt. Called by ExamineAsync.
select 6 as invariant, format('attempt %s of item %s of batch %s at stage %s is open, but no lease covers it and it was not sent', a.attempt, a.item, (select k.id from {schema}.batches k where k.batch = a.batch), a.stage) as detail
  from {schema}.attempts a
 where a.bucket between 0 and 63
   and a.outcome is null
   and not exists (select 1
                     from {schema}.leases l
                    where l.bucket = a.bucket and l.batch = a.batch and l.stage = a.stage and a.item between l.lo and l.hi and l.owner is not null)
   and not exists (select 1
                     from {schema}.workflow_states s
                    where s.bucket = a.bucket and s.batch = a.batch and s.stage = a.stage and s.item = a.item and s.status = {status.in_progress} and s.attempt = a.attempt)
union all
select 6, format('item %s of batch %s is in progress at stage %s with attempt %s, which is not open', s.item, (select k.id from {schema}.batches k where k.batch = s.batch), s.stage, s.attempt)
  from {schema}.workflow_states s
  left join {schema}.attempts a on a.bucket = s.bucket and a.batch = s.batch and a.stage = s.stage and a.item = s.item and a.attempt = s.attempt and a.outcome is null
 where s.bucket between 0 and 63
   and s.status = {status.in_progress}
   and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
   and a.item is null
union all
select 6, format('the result of attempt %s of item %s of batch %s at stage %s has effects outside, but no attempt', r.attempt, r.item, b.id, r.stage)
  from {schema}.enrichment_results r
  join {schema}.batches b on b.batch = r.batch
  left join {schema}.attempts a on a.bucket = r.bucket and a.batch = r.batch and a.stage = r.stage and a.item = r.item and a.attempt = r.attempt
 where r.bucket between 0 and 63
   and coalesce(b.snapshot -> 'stages' -> (r.stage - 1) -> 'manifest' ->> 'effects', 'Pure') <> 'Pure'
   and r.source is null
   and a.item is null
 limit 100;
