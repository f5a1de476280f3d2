-- The partition that holds a month's results; its sequence, which gives the month's serials, has the same name and _batch behind it.
create or replace function {schema}.results_of(month int) returns text language sql stable parallel safe
return format('enrichment_results_%s', to_char(timestamp '2026-01-01' + month * interval '1 month', 'YYYY_MM'));
