-- Lets a role of PostgreSQL read the typed tables of one client, and nothing else of the engine's.
--
--   PGOPTIONS="-c enrichment.client=acme -c enrichment.reader=acme_reports" psql --dbname leads --file client-views.sql
--
-- Makes the schema enrichment_acme anew, with a view of each typed table and child table. Run it as the owner of the engine's
-- schema, after the first consolidation and again after each change of a definition. A change that takes a column away is refused
-- while these views show it: drop the schema before it. If the engine's schema is not "enrichment", write its name instead.
do $script$
declare
    slug text := current_setting('enrichment.client');
    reader name := current_setting('enrichment.reader');
    shown name := 'enrichment_' || slug;
    wanted int := (select c.client from enrichment.clients c where c.slug = current_setting('enrichment.client'));
    typed name;
begin
    if wanted is null then
        raise exception 'There is no client %. A client is known from its first upload on.', slug;
    end if;

    execute format('drop schema if exists %I cascade', shown);
    execute format('create schema %I', shown);
    for typed in
        select v.relname
          from pg_class v
         where v.relnamespace = 'enrichment'::regnamespace
           and v.relkind = 'v'
           and (select count(*) from pg_attribute a where a.attrelid = v.oid and a.attname in ('client', 'batch', 'item', 'row_hash')) = 4
    loop
        -- A barrier: no function of the reader sees a row of another client before the condition has left it out.
        execute format(
            'create view %I.%I with (security_barrier) as select * from enrichment.%I where client = %s',
            shown, typed, typed, wanted);
    end loop;

    execute format('grant usage on schema %I to %I', shown, reader);
    execute format('grant select on all tables in schema %I to %I', shown, reader);
end
$script$;
