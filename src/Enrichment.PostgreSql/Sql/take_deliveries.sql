-- Deliveries of a bucket that wait to be interpreted, the earliest first; each is kept from other hosts until a later date. Of two hosts at once one waits
-- for the other's rows, and finds later dates. Locks: those rows, in the order of their keys, as receive does. Index: inbox_to_interpret. Called by
-- TakeDeliveriesAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
due as materialized (
    select i.ctid as place, i.batch, i.stage, i.item, i.attempt, i.message, i.due_at, octet_length(i.body) as bytes
      from {schema}.inbox i, clock
     where i.bucket = @bucket
       and i.state = {delivery.received}
       and i.due_at <= clock.now
       and i.batch * 32768::bigint + i.stage <> all (@except::bigint[])
     order by i.due_at
     limit @limit),
chosen as materialized (
    select c.place
      from (select d.*,
                   sum(d.bytes) over (order by d.due_at, d.batch, d.stage, d.item, d.attempt, d.message) as up_to,
                   row_number() over (order by d.due_at, d.batch, d.stage, d.item, d.attempt, d.message) as turn
              from due d) c
     where c.up_to <= @byteLimit
        or c.turn = 1
     order by c.batch, c.stage, c.item, c.attempt, c.message),
locked as materialized (
    select l.place
      from chosen c
     cross join clock
     cross join lateral (select i.ctid as place
                           from {schema}.inbox i
                          where i.ctid = c.place and i.bucket = @bucket and i.state = {delivery.received} and i.due_at <= clock.now
                            for update
                         offset 0) l),
taken as (
    update {schema}.inbox i
       set due_at = clock.now + @hold
      from clock, locked l
     where i.ctid = l.place
       and i.bucket = @bucket
    returning i.batch, i.stage, i.item, i.attempt, i.message, i.headers, i.body, i.received_at)
select t.batch, t.stage, t.item, t.attempt, t.message, t.headers, t.body, t.received_at, a.generation, a.reference, coalesce(s.tries, 0::smallint) as tries,
       case when s.generation = a.generation then coalesce(s.key_generation, s.generation) else a.generation end as key_generation, a.started_at
  from taken t
 cross join lateral (select w.generation, w.reference, w.started_at
                       from {schema}.attempts w
                      where w.bucket = @bucket and w.batch = t.batch and w.stage = t.stage and w.item = t.item and w.attempt = t.attempt
                     offset 0) a
  left join lateral (select w.tries, w.generation, w.key_generation
                       from {schema}.workflow_states w
                      where w.bucket = @bucket and w.batch = t.batch and w.stage = t.stage and w.item = t.item
                     offset 0) s on true
 order by t.received_at, t.batch, t.stage, t.item, t.attempt, t.message;
