-- The engine's own writes as bare statements inside the server, on a batch that the engine has launched: the same rows in the same tables and the same
-- commits, but nothing read, checked, fenced or sent. What the engine costs above this is the engine's. Run with half 0 and half 1 in two sessions at once.
create or replace procedure enrichment.own_writes(in_batch int, half int, chunk int, outside boolean) language plpgsql as $$
declare
    r record;
    s int;
    lo_item int;
    hi_item int;
    items int[];
begin
    for s in 1..3 loop
        for r in select g.bucket from enrichment.ranges g where g.batch = in_batch and g.stage = 1 and g.bucket % 2 = half order by 1 loop
            lo_item := 0;
            loop
                select array_agg(q.item), min(q.item), max(q.item)
                  into items, lo_item, hi_item
                  from (select item
                          from enrichment.workflow_states
                         where bucket = r.bucket and batch = in_batch and stage = s and item > lo_item and status = 0
                         order by item
                         limit chunk) q;
                exit when items is null;
                update enrichment.ranges set token = token + 1, next_item = hi_item + 1, leased_at = clock_timestamp() where bucket = r.bucket and batch = in_batch and stage = s;
                insert into enrichment.leases (bucket, batch, stage, lo, hi, token, owner, until)
                values (r.bucket, in_batch, s, lo_item, hi_item, 1, 'own writes', clock_timestamp() + interval '30 seconds');
                commit;
                if outside then
                    insert into enrichment.attempts (bucket, batch, stage, item, attempt, generation, owner, started_at)
                    select r.bucket, in_batch, s, i, 1, 1, 'own writes', clock_timestamp() from unnest(items) i;
                    commit;
                    update enrichment.attempts set outcome = 1, ended_at = clock_timestamp() where bucket = r.bucket and batch = in_batch and stage = s and item = any (items) and attempt = 1;
                end if;
                insert into enrichment.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
                select r.bucket, in_batch, s, i, 1, 1, @answer::json, clock_timestamp() from unnest(items) i;
                update enrichment.workflow_states
                   set status = 3, tries = 1, attempt = 1, result_attempt = 1, updated_at = clock_timestamp(), advanced_at = clock_timestamp()
                 where bucket = r.bucket and batch = in_batch and stage = s and item = any (items) and status = 0;
                if s < 3 then
                    insert into enrichment.workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at)
                    select r.bucket, in_batch, s + 1, i, 0, 1, clock_timestamp(), clock_timestamp() from unnest(items) i;
                    insert into enrichment.ranges as g (bucket, batch, stage, pending, due_at)
                    values (r.bucket, in_batch, s + 1, cardinality(items), clock_timestamp())
                        on conflict (bucket, batch, stage) do update set pending = g.pending + excluded.pending;
                end if;
                update enrichment.ranges set pending = pending - cardinality(items), completed = completed + cardinality(items) where bucket = r.bucket and batch = in_batch and stage = s;
                commit;
                delete from enrichment.leases where bucket = r.bucket and batch = in_batch and stage = s and lo = lo_item;
                commit;
                lo_item := hi_item;
            end loop;
        end loop;
    end loop;
end $$;
