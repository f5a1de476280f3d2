-- A TimeSpan as JSON has it: 00:00:01.5000000, 1.00:00:00.
create or replace function {schema}.seconds_of(span text) returns double precision language sql stable parallel safe
return extract(epoch from regexp_replace(span, '^([0-9]+)[.](?=[0-9]{2}:)', '\1 days ')::interval);
