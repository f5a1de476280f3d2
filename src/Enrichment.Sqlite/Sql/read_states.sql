-- The states of a block of items of one bucket. Index: the primary key, once a stage. Called by ReadStatesAsync, block after block.
select s.item, s.stage, s.generation, s.status, s.attempt, s.tries, s.reason, s.acts_at, s.error_class, s.error, s.updated_at
  from {schema}.item_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage in (select value from json_each(@stages))
   and s.item between @first and @last
   and (@status is null or s.status = @status)
 order by s.item, s.stage;
