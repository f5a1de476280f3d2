-- Everything that the rows tell of one item. Index: primary keys, once a stage. Called by ReadTimelineAsync.
select e.at, e.stage, e.generation, e.attempt, e.what, e.detail
  from (
    select a.started_at as at, a.stage, a.generation, a.attempt, 'attempt started' as what, null as detail, 1 as turn
      from {schema}.attempts a
     where a.bucket = @bucket and a.batch = @batch and a.stage = any (@stages) and a.item = @item
    union all
    select a.ended_at, a.stage, a.generation, a.attempt,
           'attempt ' || (array['completed', 'found nothing', 'skipped', 'to be retried', 'rate limited', 'failed', 'unknown'])[a.outcome], a.error, 2
      from {schema}.attempts a
     where a.bucket = @bucket and a.batch = @batch and a.stage = any (@stages) and a.item = @item and a.ended_at is not null
    union all
    select r.created_at, r.stage, null, r.attempt, 'result stored', null, 3
      from {schema}.enrichment_results r
     where r.bucket = @bucket and r.batch = @batch and r.stage = any (@stages) and r.item = @item
    union all
    select h.updated_at, h.stage, h.generation, h.attempt, (array['pending', null, 'in progress', 'completed', 'failed', 'skipped', 'cancelled'])[h.status + 1], h.error, 4
      from {schema}.state_history h
     where h.bucket = @bucket and h.batch = @batch and h.stage = any (@stages) and h.item = @item
    union all
    select h.replaced_at, h.stage, h.generation, null, 'replaced by a new generation', 'its calls keep the idempotency key of generation ' || h.kept_key, 5
      from {schema}.state_history h
     where h.bucket = @bucket and h.batch = @batch and h.stage = any (@stages) and h.item = @item
    union all
    select s.updated_at, s.stage, s.generation, s.attempt, (array['pending', null, 'in progress', 'completed', 'failed', 'skipped', 'cancelled'])[s.status + 1], s.error, 6
      from {schema}.workflow_states s
     where s.bucket = @bucket and s.batch = @batch and s.stage = any (@stages) and s.item = @item) e
 order by e.at, e.stage, e.attempt nulls first, e.turn;
