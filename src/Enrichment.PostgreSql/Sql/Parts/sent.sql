-- Moves the states of attempts to IN_PROGRESS, writes the attempts and counts the states in their range, behind the fence.
sent as (
    update {schema}.workflow_states s
       set status = {status.in_progress}, attempt = a.attempt, waits = @waits, due_at = clock.now + @actsAfter, updated_at = clock.now
      from fence, clock, unnest(@items::int[], @attempts::int[], @generations::smallint[], @tokens::bytea[], @calls::uuid[]) as a (item, attempt, generation, token, call)
     cross join lateral (select w.ctid as place
                           from {schema}.workflow_states w
                          where w.bucket = @bucket and w.batch = @batch and w.stage = @stage and w.item = a.item
                            and w.status = {status.pending} and w.attempt = a.attempt - 1 and w.generation = a.generation
                         offset 0) open
     where s.ctid = open.place
       and s.bucket = @bucket
       and s.status = {status.pending}
       and a.item between fence.lo and fence.hi
    returning s.item, s.attempt, s.generation, s.tries, a.token, a.call),
written as (
    insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, owner, started_at, call, token, deadline_at)
    select @bucket, @batch, @stage, s.item, s.attempt, s.generation, @owner, clock.now, s.call, s.token, clock.now + @deadline
      from sent s, clock),
here as (
    update {schema}.ranges r
       set pending = r.pending - n.count, in_progress = r.in_progress + n.count, acts_at = least(r.acts_at, clock.now + @actsAfter)
      from clock, (select count(*)::int as count from sent) n
     where r.bucket = @bucket
       and r.batch = @batch
       and r.stage = @stage
       and n.count > 0)
