-- The tasks that a worker names and has in its hands (named): those whose token and identity are theirs, each once.
create temp table if not exists named (
    number integer primary key, bucket integer, batch integer, stage integer, item integer, attempt integer, worker text, trial integer, acts_at integer, body blob
);

delete from named;

insert into named (number, bucket, batch, stage, item, attempt, worker, trial, acts_at, body)
with n as materialized (
    select value
      from jsonb_each(cast(@tasks as text)))
select min(n.value ->> 0), t.bucket, t.batch, t.stage, t.item, t.attempt, t.worker, t.trial, t.acts_at, cast(n.value ->> 7 as blob)
  from n
 cross join {schema}.external_tasks t
 where t.bucket = n.value ->> 1
   and t.batch = n.value ->> 2
   and t.stage = n.value ->> 3
   and t.item = n.value ->> 4
   and t.attempt = n.value ->> 5
   and t.token = sha256(n.value ->> 6)
   and t.identity = @identity
 group by t.bucket, t.batch, t.stage, t.item, t.attempt;
