-- Deliveries of a bucket that wait to be interpreted, the earliest first; each is kept from other hosts until a later date.
-- Index: inbox_to_interpret. Called by TakeDeliveriesAsync.
create temp table if not exists delivery_taken (place integer primary key);

delete from delivery_taken;

insert into delivery_taken (place)
with waiting as materialized (
    select i.rowid as place, i.due_at, octet_length(i.body) as bytes
      from {schema}.inbox i
     where i.bucket = @bucket
       and i.state = {delivery.received}
       and i.due_at <= @now
       and not exists (select 1
                         from json_each(@except) e
                        where e.value ->> 0 = i.batch
                          and e.value ->> 1 = i.stage)
     order by i.due_at
     limit @limit)
select place
  from (select place, sum(bytes) over (order by due_at, place) as bytes, row_number() over (order by due_at, place) as turn from waiting)
 where bytes <= @byteLimit
    or turn = 1;

update {schema}.inbox
   set due_at = @now + @hold
 where bucket = @bucket
   and rowid in (select place from delivery_taken);

select i.batch, i.stage, i.item, i.attempt, i.message, i.headers, i.body, i.received_at, a.generation, a.reference, coalesce(s.tries, 0) as tries,
       case when s.generation = a.generation then coalesce(s.key_generation, s.generation) else a.generation end as key_generation, a.started_at
  from delivery_taken t
 cross join {schema}.inbox i on i.bucket = @bucket and i.rowid = t.place
  join {schema}.attempts a on a.bucket = @bucket and a.batch = i.batch and a.stage = i.stage and a.item = i.item and a.attempt = i.attempt
  left join {schema}.workflow_states s on s.bucket = @bucket and s.batch = i.batch and s.stage = i.stage and s.item = i.item
 order by i.received_at, i.rowid;
