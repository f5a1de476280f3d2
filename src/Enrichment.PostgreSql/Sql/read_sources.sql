-- The results of earlier stages that records are made of, reached through the states' references, each by its whole key (see read_items).
-- Index: primary keys. Called by ClaimAsync and ReadAgainAsync.
select s.item, p.stage, r.data
  from unnest(@sources::smallint[]) as p (stage)
 cross join lateral (select w.item, w.result_attempt
                       from {schema}.workflow_states w
                      where w.bucket = @bucket and w.batch = @batch and w.stage = p.stage and w.item between @first and @last and w.status = 3
                     offset 0) s
 cross join lateral (select e.data
                       from {schema}.enrichment_results e
                      where e.bucket = @bucket and e.batch = @batch and e.stage = p.stage and e.item = s.item and e.attempt = s.result_attempt and e.kind = 1
                     offset 0) r
 order by p.stage;
