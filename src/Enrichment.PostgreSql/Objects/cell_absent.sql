-- The words by which spreadsheets and vendors say that there is nothing.
create or replace function {schema}.cell_absent(trimmed text) returns boolean language sql immutable parallel safe
return lower(trimmed collate "C") in ('null', 'n/a', 'na', 'none', '-', '--');
