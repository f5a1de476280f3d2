-- The role by which a worker is known. SET ROLE counts: behind a pooler that is how roles are told apart.
create or replace function {schema}.worker_role() returns name language sql stable
return (case current_setting('role') when 'none' then session_user else current_setting('role')::name end);
