-- Takes one lost lease over, with a younger token: from here on its former holder can change nothing. Locks: the range's row, then the lease's.
-- Closes the attempts that no open state will ever answer for: their items were cancelled while the call was out. One that was
-- sent is no lease's: an answer or its deadline ends it. Called by TakeLostAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
young as (
    update {schema}.ranges r
       set token = r.token + 1
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
    returning r.token),
taken as (
    update {schema}.leases l
       set owner = @owner, token = young.token, until = clock.now + @duration
      from young, clock
     where l.bucket = @bucket
       and l.batch = @batch
       and l.stage = @stage
       and l.lo = @lo
       and l.token = @token
       and (@all or l.until < clock.now)
    returning l.lo, l.hi, l.token, l.losses, l.alone),
closed as (
    update {schema}.attempts a
       set outcome = {outcome.unknown}, ended_at = clock.now, error_class = {class.outcome_unknown}, error = 'The host was lost during the call, and the item had been cancelled.'
      from taken, clock
     where a.bucket = @bucket
       and a.batch = @batch
       and a.stage = @stage
       and a.item between taken.lo and taken.hi
       and a.outcome is null
       and not exists (select 1
                         from {schema}.workflow_states s
                        where s.bucket = a.bucket
                          and s.batch = a.batch
                          and s.stage = a.stage
                          and s.item = a.item
                          and (s.status = {status.pending} and s.attempt < a.attempt or s.status = {status.in_progress} and s.attempt = a.attempt)))
select lo, hi, token, losses, alone
  from taken;
