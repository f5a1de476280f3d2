-- Writes attempts of an external step with their tasks, and moves their states to IN_PROGRESS, as begin_sending does. A task whose worker was lost in an earlier
-- attempt of the generation is fetched with no other. Locks: shares the lease's row; the states; the range's row. Index: primary keys. Called by HandOutAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:fence},
{part:sent},
tasks as (
    insert into {schema}.external_tasks (bucket, batch, stage, item, attempt, client, step, version, idempotency_key, settings, record, limited, call_at, visible_until, acts_at, trial, alone)
    select @bucket, @batch, @stage, s.item, s.attempt, @client, @step, @version, t.key, @settings, t.record, @limited,
           clock.now + t.after, clock.now + t.until, clock.now + t.until, t.trial, lost.alone
      from clock, sent s
      join unnest(@items::int[], @keys::text[], @records::json[], @afters::interval[], @untils::interval[], @trials::bigint[]) as t (item, key, record, after, until, trial) on t.item = s.item
      left join lateral (select count(*) filter (where a.reference = 'lost alone') as alone
                           from {schema}.attempts a
                          where s.tries > 0
                            and a.bucket = @bucket and a.batch = @batch and a.stage = @stage and a.item = s.item and a.generation = s.generation
                            and a.reference in ('lost', 'lost alone')
                         having count(*) > 0) lost on true)
select item
  from sent;
