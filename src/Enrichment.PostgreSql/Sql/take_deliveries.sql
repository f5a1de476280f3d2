-- Deliveries of a bucket that wait to be interpreted, the earliest first; each is kept from other hosts until a later date. Locks: those rows, skipping others'.
-- Index: inbox_to_interpret. Called by TakeDeliveriesAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
locked as materialized (
    select i.ctid as place, i.due_at, octet_length(i.body) as bytes
      from {schema}.inbox i, clock
     where i.bucket = @bucket
       and i.state = 0
       and i.due_at <= clock.now
       and i.batch * 32768::bigint + i.stage <> all (@except::bigint[])
     order by i.due_at
     limit @limit
       for update of i skip locked),
waiting as materialized (
    select l.place
      from (select place, sum(bytes) over (order by due_at, place) as bytes, row_number() over (order by due_at, place) as turn from locked) l
     where l.bytes <= @byteLimit
        or l.turn = 1),
taken as (
    update {schema}.inbox i
       set due_at = clock.now + @hold
      from clock, waiting w
     where i.ctid = w.place
       and i.bucket = @bucket
    returning i.batch, i.stage, i.item, i.attempt, i.message, i.headers, i.body, i.received_at)
select t.batch, t.stage, t.item, t.attempt, t.message, t.headers, t.body, t.received_at, a.generation, a.reference, coalesce(s.tries, 0::smallint) as tries
  from taken t
  join {schema}.attempts a on a.bucket = @bucket and a.batch = t.batch and a.stage = t.stage and a.item = t.item and a.attempt = t.attempt
  left join {schema}.workflow_states s on s.bucket = @bucket and s.batch = t.batch and s.stage = t.stage and s.item = t.item
 order by t.received_at;
