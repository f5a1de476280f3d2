-- The tasks that a worker names and has in its hands: those whose token and identity are theirs. Locked in their order, each once; a name with a wrong token
-- stands for itself alone.
named as materialized (
    select distinct on (n.m[1]::smallint, n.m[2]::int, n.m[3]::smallint, n.m[4]::int, n.m[5]::int, n.m[6])
           n.task, n.number, n.m[1]::smallint as bucket, n.m[2]::int as batch, n.m[3]::smallint as stage, n.m[4]::int as item, n.m[5]::int as attempt, sha256(convert_to(n.m[6], 'UTF8')) as token
      from (select t.task, t.number, regexp_match(t.task, '^(0|[1-9][0-9]?)[.]([1-9][0-9]{0,9})[.]([1-9][0-9]{0,3})[.]([1-9][0-9]{0,9})[.]([1-9][0-9]{0,9})[.]([0-9a-f]{32})$') as m
              from unnest(@tasks::text[]) with ordinality as t (task, number)
            offset 0) n
     where greatest(n.m[2]::bigint, n.m[4]::bigint, n.m[5]::bigint) <= 2147483647
     order by 3, 4, 5, 6, 7, n.m[6], n.number),
found as materialized (
    select n.task, n.number, n.bucket, n.batch, n.stage, n.item, n.attempt, t.place, t.worker, t.trial, t.acts_at
      from named n
     cross join lateral (select w.ctid as place, w.worker, w.trial, w.acts_at
                           from {schema}.external_tasks w
                          where w.bucket = n.bucket and w.batch = n.batch and w.stage = n.stage and w.item = n.item and w.attempt = n.attempt
                            and w.token = n.token and w.identity = @identity
                            for update
                         offset 0) t)
