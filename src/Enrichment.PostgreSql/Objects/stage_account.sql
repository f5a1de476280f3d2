-- The account with the vendor that a stage calls with, as StagePlan in the core says it. It bears the name of the stage's limit.
create or replace function {schema}.stage_account(plan json, client text, out bucket smallint, out name text) language sql immutable parallel safe as $$
select {schema}.key_bucket(n.name), n.name
  from (select concat(case when (plan -> 'limits' ->> 'shared')::boolean then '*' else client end, '/',
                      coalesce(plan -> 'limits' ->> 'name', plan -> 'manifest' ->> 'slug')) as name) n
$$;
