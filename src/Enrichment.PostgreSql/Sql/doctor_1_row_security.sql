-- Tables whose rows row-level security may hide from the engine's role: it would find nothing due, and report no fault. A policy that shows
-- every row to the role is enough; the owner needs none unless security is forced.
-- Index: pg_class by schema. Called by ExamineAsync, and by MigrateAsync before anything is made.
select string_agg(c.oid::regclass::text, ', ' order by c.relname) as tables, quote_ident(current_user) as role
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
