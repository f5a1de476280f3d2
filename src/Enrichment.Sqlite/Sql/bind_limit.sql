-- Notes under which limit a stage sends. Called by BindLimitAsync, once a host and stage.
insert into {schema}.stage_limits as k (batch, stage, bucket, name)
values (@batch, @stage, @bucket, @name)
on conflict (batch, stage) do update
   set bucket = excluded.bucket, name = excluded.name
 where k.name <> excluded.name;
