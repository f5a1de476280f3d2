-- The open batches of which something waits for a host that has the step. Index: workflow_states_unable. Called by FindUnableAsync.
select b.batch
  from {schema}.batches b
 where b.status in ({batch.pending}, {batch.running})
   and b.batch in (select s.batch
                     from {schema}.workflow_states s
                    where s.bucket between 0 and 63
                      and s.waits = {waits.capable_host})
 order by b.batch;
