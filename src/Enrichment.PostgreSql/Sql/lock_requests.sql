-- Keeps a request batch as it is known and the entities of one bucket to oneself, so that the statement behind it in the same transaction sees every request that was made before,
-- and a concurrent request waits: also in another batch of the same answers, because all lock the range of this month's first too. Makes the ranges if they are not there.
-- Returns no row if the batch is not as it is known. Index: batches_of_requests. Called by RequestAsync, before request_entities.
with open as (
    select b.batch, b.client, b.request_hash, b.created_at
      from {schema}.batches b
     where b.batch = @batch
       and b.version = @version
       for share)
insert into {schema}.ranges as r (bucket, batch, stage)
select @bucket, e.batch, @stage
  from (select o.batch
          from open o
         union
        select min(f.batch)
          from open o
          join {schema}.batches f on f.client = o.client and f.request_hash = o.request_hash and f.entity_requests and f.pruned_at is null
           and f.created_at >= date_trunc('month', o.created_at at time zone 'UTC') at time zone 'UTC'
        having count(*) > 0
         order by 1) e
on conflict (bucket, batch, stage) do update
   set token = r.token
returning 1;
