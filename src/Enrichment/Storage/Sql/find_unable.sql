-- The open batches of which something waits for a host that has the step. Index: workflow_states_unable. Called by FindUnableAsync.
select b.batch
  from {schema}.batches b
 where b.status in (0, 1)
   and b.batch in (select s.batch
                     from {schema}.workflow_states s
                    where s.bucket between 0 and 63
                      and s.waits = 6)
 order by b.batch;
