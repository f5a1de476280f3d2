-- Leaves a taken-over lease as one or two intervals without owner, which the next claims prefer. Called by SplitAsync.
with first as (
    update {schema}.leases l
       set hi = @hi, owner = null, until = null, losses = @losses, alone = @alone
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo = @lo
       and l.token = @token
       and l.owner is not null
    returning l.token),
second as (
    insert into {schema}.leases (bucket, batch, stage, lo, hi, token, losses, alone)
    select @bucket, @batch, @stage, @secondLo, @secondHi, first.token, @losses, @alone
      from first
     where @secondLo::int is not null)
update {schema}.ranges r
   set due_at = least(r.due_at, coalesce(@now, clock_timestamp()))
  from first
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage;
