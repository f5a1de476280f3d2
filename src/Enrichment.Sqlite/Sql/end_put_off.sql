-- Makes items due that were put off because an account was used up. Items of another used-up account are put off again when they are claimed.
-- Index: ranges_open; workflow_states_dated, of which it reads the dated states. Called by ResumeAccountAsync.
create temp table if not exists put_off (bucket integer not null, batch integer not null, stage integer not null, item integer not null);

delete from put_off;

insert into put_off (bucket, batch, stage, item)
select s.bucket, s.batch, s.stage, s.item
  from {schema}.ranges r
  join {schema}.workflow_states s on s.bucket = r.bucket and s.batch = r.batch and s.stage = r.stage
 where r.bucket between 0 and 63
   and r.pending > 0
   and s.waits in ({waits.retry}, {waits.rate_limit}, {waits.capable_host})
   and s.waits = {waits.rate_limit}
   and s.error_class = {class.out_of_credits}
   and s.status = {status.pending}
   and s.due_at > @now;

update {schema}.workflow_states as s
   set due_at = @now
  from put_off p
 where s.bucket = p.bucket
   and s.batch = p.batch
   and s.stage = p.stage
   and s.item = p.item;

update {schema}.ranges
   set due_at = min(coalesce(due_at, @now), @now)
 where (bucket, batch, stage) in (select p.bucket, p.batch, p.stage from put_off p);
