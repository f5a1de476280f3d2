-- Tables whose rows row-level security may hide from the engine's role: it would find nothing due, and report no fault. A policy that shows
-- every row to the role is enough; the owner needs none unless security is forced.
-- Index: pg_class by schema. Called by ExamineAsync, and by MigrateAsync before anything is made.
select 1 as invariant,
       format('Row-level security may hide rows of %s from the role %s, so that the engine would find nothing to do. '
              || 'Run alter table … disable row level security, connect as their owner, or create policy … using (true) for that role.',
              string_agg(c.oid::regclass::text, ', ' order by c.relname), quote_ident(current_user)) as detail
  from pg_catalog.pg_class c
 where c.relnamespace = to_regnamespace('{schema}')
   and c.relkind in ('r', 'p')
   and row_security_active(c.oid)
   and not exists (
         select from pg_catalog.pg_policy p
          where p.polrelid = c.oid
            and p.polpermissive
            and p.polcmd = '*'
            and pg_get_expr(p.polqual, p.polrelid) = 'true'
            and exists (select from unnest(p.polroles) r (role) where case when r.role = 0 then true else pg_has_role(r.role, 'usage') end))
having count(*) > 0;
