-- Gives a worker tasks of one bucket, the earliest first, each once: it makes their tokens and keeps the hashes. Tasks of held batches are hidden. One that was lost
-- with its worker before comes with no other, also none of another bucket. A task of a limited step is hidden while its limit is
-- paused or the vendor fails, unless it is the trial call. Index: external_tasks_unfetched, the primary keys. Called by FetchTasksAsync.
create temp table if not exists fetching (place integer primary key, id text not null, token text not null);

delete from fetching;

insert into fetching (place, id, token)
with free as materialized (
    select t.rowid as place, t.item, t.call_at, t.alone, b.id
      from {schema}.external_tasks t
      join {schema}.batches b on b.batch = t.batch and b.status in ({batch.pending}, {batch.running})
     where t.bucket = @bucket
       and t.step = @step
       and t.token is null
       and t.visible_until > @now
       and exists (select 1 from json_each(@clients) c where c.value in ('*', t.client))
       and t.version = coalesce(@version, t.version)
       and (t.alone is null or @limit = @wanted)
       and not (t.limited and exists (select 1
                                        from {schema}.stage_limits k
                                        join {schema}.limits l on l.bucket = k.bucket and l.name = k.name
                                       where k.batch = t.batch
                                         and k.stage = t.stage
                                         and (l.failing > 0 or l.paused_until > @now)
                                         and (l.probe = t.trial) is not true))
     order by t.call_at
     limit @limit)
select f.place, f.id, lower(hex(randomblob(16)))
  from (select f.*, row_number() over first as place_in, first_value(f.alone is not null) over first as first_alone
          from free f
        window first as (order by f.call_at, f.item)) f
 where f.place_in = 1
    or f.alone is null and not f.first_alone;

with c as materialized (
    select *
      from fetching)
update {schema}.external_tasks as t
   set token = sha256(c.token), worker = @worker, identity = @identity, acts_at = max(@now, t.call_at) + @hold
  from c
 where t.bucket = @bucket
   and t.rowid = c.place;

select concat_ws('.', t.bucket, t.batch, t.stage, t.item, t.attempt, c.token) as task, c.id as batch, t.stage, t.item, t.attempt, t.version, t.settings, t.idempotency_key, t.record,
       case when t.limited then max(t.call_at - @now, 0) / 1000.0 end as call_after_seconds,
       case when t.limited then (t.visible_until - @now) / 1000.0 end as call_by_seconds,
       t.alone is not null as alone
  from fetching c
 cross join {schema}.external_tasks t
 where t.bucket = @bucket
   and t.rowid = c.place;
