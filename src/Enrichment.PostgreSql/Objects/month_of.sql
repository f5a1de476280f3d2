-- A month's number: 0 is January 2026, by UTC. 22 bits of a batch's number are left for its serial: 4,194,303 batches a month, until August 2068.
create or replace function {schema}.month_of(at timestamptz) returns int language sql immutable parallel safe
return (12 * (extract(year from at at time zone 'UTC') - 2026) + extract(month from at at time zone 'UTC') - 1)::int;
