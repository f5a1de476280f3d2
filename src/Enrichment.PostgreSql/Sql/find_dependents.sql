-- The views that read a view. Index: pg_depend by what is referred to. Called by whatever lets a view show another version.
select distinct d.oid::regclass::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_depend p on p.refclassid = 'pg_catalog.pg_class'::regclass and p.refobjid = c.oid and p.classid = 'pg_catalog.pg_rewrite'::regclass
  join pg_catalog.pg_rewrite r on r.oid = p.objid
  join pg_catalog.pg_class d on d.oid = r.ev_class
 where c.relnamespace = '{schema}'::regnamespace
   and c.relname = @table
   and d.oid <> c.oid
 order by 1;
