-- The ranges in which calls were put off because an account was used up: a plain read. Index: ranges_open; workflow_states_dated, of which it reads the dated
-- states. Called by ResumeAccountAsync.
select r.bucket, r.batch, r.stage
  from {schema}.ranges r
 where r.bucket between 0 and 63
   and r.pending > 0
   and exists (select 1
                 from {schema}.workflow_states s
                where s.bucket = r.bucket
                  and s.batch = r.batch
                  and s.stage = r.stage
                  and s.waits = {waits.rate_limit}
                  and s.error_class = {class.out_of_credits}
                  and s.status = {status.pending}
                  and s.due_at > coalesce(@now, clock_timestamp()));
