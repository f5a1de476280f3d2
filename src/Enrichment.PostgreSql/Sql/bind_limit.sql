-- Notes under which limit a stage sends. Called by BindLimitAsync, once a host and stage.
insert into {schema}.stage_limits as k (batch, stage, bucket, name, until_answered)
values (@batch, @stage, @bucket, @name, @untilAnswered)
on conflict (batch, stage) do update
   set bucket = excluded.bucket, name = excluded.name, until_answered = excluded.until_answered
 where (k.bucket, k.name, k.until_answered) is distinct from (excluded.bucket, excluded.name, excluded.until_answered);
