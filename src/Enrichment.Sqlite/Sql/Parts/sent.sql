-- Moves the states of attempts (sending) to IN_PROGRESS, writes the attempts and counts the states in their range.
with a as materialized (
    select *
      from sending)
update {schema}.workflow_states as s
   set status = {status.in_progress}, attempt = a.attempt, waits = @waits, due_at = @now + @actsAfter, updated_at = @now
  from a
 where s.bucket = @bucket
   and s.batch = @batch
   and s.stage = @stage
   and s.item = a.item;

insert into {schema}.attempts (bucket, batch, stage, item, attempt, generation, owner, started_at, call, token, deadline_at)
select @bucket, @batch, @stage, item, attempt, generation, @owner, @now, call, token, @now + @deadline
  from sending;

update {schema}.ranges as r
   set pending = r.pending - n.sent, in_progress = r.in_progress + n.sent, acts_at = min(coalesce(r.acts_at, @now + @actsAfter), @now + @actsAfter)
  from (select count(*) as sent from sending) n
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and n.sent > 0;
