-- The parts of records: the results of earlier stages in a run of items, and which of them each state refers to (those rows have no size). Two scans of a
-- key's range, matched by the caller: a join would look up each result by its key, at three times the cost, or trust an estimate. A result that no state
-- refers to any more is rare. Results of more bytes than @above; of those above @inline the size alone, so that the caller can say how many items it takes.
-- Index: primary keys. Called by ClaimAsync and ReadAgainAsync.
select w.stage, w.item, w.result_attempt as attempt, null::int as bytes, null as data
  from unnest(@sources::smallint[]) as p (stage)
 cross join lateral (select s.stage, s.item, s.result_attempt
                       from {schema}.workflow_states s
                      where s.bucket = @bucket and s.batch = @batch and s.stage = p.stage and s.item between @first and @last and s.status = {status.completed}
                     offset 0) w
union all
select r.stage, r.item, r.attempt, r.bytes, case when r.bytes <= @inline then r.data end
  from unnest(@sources::smallint[]) as p (stage)
 cross join lateral (select e.stage, e.item, e.attempt, e.bytes, e.data
                       from {schema}.enrichment_results e
                      where e.bucket = @bucket and e.batch = @batch and e.stage = p.stage and e.item between @first and @last and e.kind = {outcome.completed} and e.bytes > @above
                     offset 0) r;
