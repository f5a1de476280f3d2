-- Gives a worker tasks of one bucket, the earliest first, each once: it makes their tokens and keeps the hashes. Tasks of held batches are hidden. One that was lost
-- with its worker before comes with no other, also none of another bucket. A task of a limited step is hidden while
-- its limit is paused or the vendor fails, unless it is the trial call. What others fetch at this moment is passed over. Locks: the tasks.
-- Index: external_tasks_unfetched, the primary keys. Called by FetchTasksAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
free as materialized (
    select t.ctid as place, t.item, t.call_at, t.alone, b.id, clock.now
      from clock
     cross join {schema}.external_tasks t
      join {schema}.batches b on b.batch = t.batch and b.status in ({batch.pending}, {batch.running})
     where t.bucket = @bucket
       and t.step = @step
       and t.token is null
       and t.visible_until > clock.now
       and (t.client = any (@clients::text[]) or '*' = any (@clients::text[]))
       and t.version = coalesce(@version, t.version)
       and (t.alone is null or @limit = @wanted)
       and not (t.limited and exists (select 1
                                        from {schema}.stage_limits k
                                        join {schema}.limits l on l.bucket = k.bucket and l.name = k.name
                                       where k.batch = t.batch
                                         and k.stage = t.stage
                                         and (l.failing > 0 or l.paused_until > clock.now)
                                         and (l.probe = t.trial) is not true))
     order by t.call_at
     limit @limit
       for update of t skip locked),
chosen as materialized (
    select f.place, f.id, f.now, replace(gen_random_uuid()::text, '-', '') as token
      from (select f.*, row_number() over first as place_in, first_value(f.alone is not null) over first as first_alone
              from free f
            window first as (order by f.call_at, f.item)) f
     where f.place_in = 1
        or f.alone is null and not f.first_alone)
update {schema}.external_tasks t
   set token = sha256(convert_to(c.token, 'UTF8')), worker = @worker, identity = @identity, acts_at = greatest(c.now, t.call_at) + @hold
  from chosen c
 where t.ctid = c.place
   and t.bucket = @bucket
returning concat_ws('.', t.bucket, t.batch, t.stage, t.item, t.attempt, c.token) as task, c.id as batch, t.stage, t.item, t.attempt, t.version, t.settings, t.idempotency_key, t.record,
          case when t.limited then greatest(extract(epoch from t.call_at - c.now), 0)::double precision end as call_after_seconds,
          case when t.limited then extract(epoch from t.visible_until - c.now)::double precision end as call_by_seconds,
          t.alone is not null as alone;
