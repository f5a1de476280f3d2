-- What records are made of: the results of earlier stages in a run of items, and which of them each state refers to (those rows have no data). Two scans of a
-- key's range, matched by the caller: a join would look up each result by its key, at three times the cost, or trust an estimate. A result that no state
-- refers to any more is rare. Index: primary keys. Called by ClaimAsync and ReadAgainAsync.
select w.stage, w.item, w.result_attempt as attempt, null as data
  from unnest(@sources::smallint[]) as p (stage)
 cross join lateral (select s.stage, s.item, s.result_attempt
                       from {schema}.workflow_states s
                      where s.bucket = @bucket and s.batch = @batch and s.stage = p.stage and s.item between @first and @last and s.status = 3
                     offset 0) w
union all
select r.stage, r.item, r.attempt, r.data
  from unnest(@sources::smallint[]) as p (stage)
 cross join lateral (select e.stage, e.item, e.attempt, e.data
                       from {schema}.enrichment_results e
                      where e.bucket = @bucket and e.batch = @batch and e.stage = p.stage and e.item between @first and @last and e.kind = 1
                     offset 0) r;
