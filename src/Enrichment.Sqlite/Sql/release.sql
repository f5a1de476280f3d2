-- Gives a lease back, unless an item inside is due, and puts the earliest date of its open items on the range. True if it is gone.
-- Index: primary keys. Called by ReleaseAsync.
create temp table if not exists release_waiting (due_at integer, gone integer not null);

delete from release_waiting;

insert into release_waiting (due_at, gone)
select w.due_at, l.lo is not null and (@evenIfDue or w.due_at is null or w.due_at > @now)
  from (select min(s.due_at) as due_at
          from {schema}.workflow_states s
         where s.bucket = @bucket
           and s.batch = @batch
           and s.stage = @stage
           and s.item between @lo and @hi
           and s.status = {status.pending}) w
  left join {schema}.leases l on l.bucket = @bucket and l.batch = @batch and l.stage = @stage and l.lo = @lo and l.token = @token;

delete from {schema}.leases
 where bucket = @bucket
   and batch = @batch
   and stage = @stage
   and lo = @lo
   and token = @token
   and (select gone from release_waiting);

update {schema}.ranges as r
   set due_at = min(coalesce(r.due_at, w.due_at), w.due_at), next_item = min(r.next_item, @lo)
  from release_waiting w
 where r.bucket = @bucket
   and r.batch = @batch
   and r.stage = @stage
   and w.gone
   and w.due_at is not null;

select not exists (select 1
                     from {schema}.leases l
                    where l.bucket = @bucket and l.batch = @batch and l.stage = @stage and l.lo = @lo and l.token = @token);
