-- The states of a block of items of one bucket. Index: the primary key, once a stage. Called by ReadStatesAsync, block after block.
select s.item, s.stage, s.generation, s.status, s.attempt, s.tries, s.reason, s.acts_at, s.error_class, s.error, s.updated_at
  from unnest(@stages::smallint[]) as p (stage)
 cross join lateral (select v.item, v.stage, v.generation, v.status, v.attempt, v.tries, v.reason, v.acts_at, v.error_class, v.error, v.updated_at
                       from {schema}.item_states v
                      where v.bucket = @bucket and v.batch = @batch and v.stage = p.stage and v.item between @first and @last
                        and (@status::smallint is null or v.status = @status)
                     offset 0) s
 order by s.item, s.stage;
