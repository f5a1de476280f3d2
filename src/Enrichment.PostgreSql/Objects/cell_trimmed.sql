-- A value without the white space around it; null if nothing is left. White space is what Unicode and .NET call so. One expression, as
-- all functions of projections, so that the planner can inline it; nothing depends on a locale, a time zone or a date style. Called by
-- projections.
create or replace function {schema}.cell_trimmed(value text) returns text language sql immutable parallel safe
return nullif(btrim(value, E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '');
