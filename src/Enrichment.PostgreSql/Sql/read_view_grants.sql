-- What others than its owner may do with a view, or with single columns of it; grants with the option to grant them on are repeated without it.
-- Index: pg_class by name. Called by whatever lets a view show another version.
with v as (
    select c.oid, c.relowner, c.relacl
      from pg_catalog.pg_class c
     where c.relnamespace = '{schema}'::regnamespace
       and c.relname = @table),
granted as (
    select null::text as attname, g.privilege_type, g.grantee
      from v, pg_catalog.aclexplode(v.relacl) g
     where g.grantee <> v.relowner
    union all
    select a.attname, g.privilege_type, g.grantee
      from v
      join pg_catalog.pg_attribute a on a.attrelid = v.oid and a.attnum > 0
     cross join pg_catalog.aclexplode(a.attacl) g)
select privilege_type, attname, case grantee when 0 then 'public' else grantee::regrole::text end
  from granted;
