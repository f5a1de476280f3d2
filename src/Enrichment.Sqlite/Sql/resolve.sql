-- Ends states of one bucket by an operator's decision: skipped, or completed with the operator's result. Only states that are pending under no lease, or
-- failed, and whose item has not gone on: a host may be calling for the items of its interval. The old state moves to the history, and the end has a new
-- generation, so that answers to earlier calls are superseded and tables take the change. A supplied result has an attempt of the operator. A request stays
-- not advanced until its waiters are completed.
-- Index: primary keys, reached from the items. Called by ResolveAsync.
create temp table if not exists resolved (item integer primary key, was integer not null, unadvanced integer not null, entity_requests integer not null, generation integer not null, attempt integer not null);

delete from resolved;

insert into resolved (item, was, unadvanced, entity_requests, generation, attempt)
select s.item, s.status, s.status = {status.failed} and s.advanced_at is null, (select b.entity_requests from {schema}.batches b where b.batch = @batch), s.generation,
       max(s.attempt, coalesce((select max(a.attempt)
                                  from {schema}.attempts a
                                 where a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = s.item), 0))
  from json_each(@items) k
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = k.value
   and s.status in ({status.pending}, {status.failed})
   and (s.status = {status.failed} or not exists (select 1 from {schema}.leases l where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and s.item between l.lo and l.hi))
   and not exists (select 1 from {schema}.workflow_states n where n.bucket = @bucket and n.batch = @batch and n.stage = @stage + 1 and n.item = s.item)
on conflict do nothing;

insert into {schema}.state_history (bucket, batch, stage, item, generation, status, tries, error_class, attempt, result_attempt, updated_at, replaced_at, error, version)
select s.bucket, s.batch, s.stage, s.item, s.generation, s.status, s.tries, s.error_class, c.attempt, s.result_attempt, s.updated_at, @now, s.error,
       (select b.version from {schema}.batches b where b.batch = @batch)
  from resolved c
 cross join {schema}.workflow_states s
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = c.item;

update {schema}.workflow_states as s
   set status = @status,
       generation = c.generation + 1,
       attempt = c.attempt + case when @status = {status.completed} then 1 else 0 end,
       result_attempt = case when @status = {status.completed} then c.attempt + 1 end,
       tries = 0, waits = null, error_class = null, error = @error,
       updated_at = @now, advanced_at = case when not c.entity_requests then @now end
  from resolved c
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = c.item;

insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, outcome, owner, started_at, ended_at)
select @bucket, @batch, @stage, c.item, c.attempt + 1, c.generation + 1, {outcome.completed}, 'operator', @now, @now
  from resolved c
 where @status = {status.completed};

insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
select @bucket, @batch, @stage, c.item, c.attempt + 1, {outcome.completed}, @result, @now
  from resolved c
 where @status = {status.completed};

insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at)
select @bucket, @batch, @stage + 1, c.item, {status.pending}, c.generation + 1,
       coalesce((select max(h.attempt)
                   from {schema}.state_history h
                  where h.bucket = @bucket and h.batch = @batch and h.stage = @stage + 1 and h.item = c.item), 0),
       @now, @now
  from resolved c
 where @advances;

update {schema}.ranges as r
   set pending = r.pending - d.pending,
       failed = r.failed - d.failed,
       completed = r.completed + case when @status = {status.completed} then d.n else 0 end,
       skipped = r.skipped + case when @status = {status.skipped} then d.n else 0 end,
       to_advance = r.to_advance + d.entity_requests - d.unadvanced
  from (select count(*) filter (where was = {status.pending}) as pending, count(*) filter (where was = {status.failed}) as failed, count(*) as n,
               count(*) filter (where entity_requests) as entity_requests, count(*) filter (where unadvanced) as unadvanced
          from resolved) d
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and d.n > 0;

insert into {schema}.ranges as r (bucket, batch, stage, pending, due_at)
select @bucket, @batch, @stage + 1, n.begun, @now
  from (select count(*) as begun from resolved where @advances) n
{part:count_next};

select count(*)
  from resolved;
