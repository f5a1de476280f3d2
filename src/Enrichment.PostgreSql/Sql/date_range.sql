-- Sets a range's date of its states in progress to the earliest of them. Exact, because lock_range has locked the row: a send or settlement meanwhile comes
-- after it, with an earlier date if it has one. Locks: the range's row. Index: workflow_states_out. Called by TakeDueTimersAsync, after lock_range.
update {schema}.ranges r
   set acts_at = (select min(s.due_at)
                    from {schema}.workflow_states s
                   where s.bucket = @bucket
                     and s.batch = @batch
                     and s.stage = @stage
                     and s.status = {status.in_progress}
                     and s.waits in ({waits.callback}, {waits.poll}, {waits.worker}))
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage;
