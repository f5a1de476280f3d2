-- Leaves a taken-over lease as one or two intervals without owner, which the next claims prefer. Called by SplitAsync.
create temp table if not exists split_lease (token integer not null);

delete from split_lease;

insert into split_lease (token)
select l.token
  from {schema}.leases l
 where l.bucket = @bucket
   and l.batch = @batch
   and l.stage = @stage
   and l.lo = @lo
   and l.token = @token
   and l.owner is not null;

update {schema}.leases
   set hi = @hi, owner = null, until = null, losses = @losses, alone = @alone
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and lo = @lo
   and exists (select 1 from split_lease);

insert into {schema}.leases (bucket, batch, stage, lo, hi, token, losses, alone)
select @bucket, @batch, @stage, @secondLo, @secondHi, s.token, @losses, @alone
  from split_lease s
 where @secondLo is not null;

update {schema}.ranges
   set due_at = min(coalesce(due_at, @now), @now)
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and exists (select 1 from split_lease);
