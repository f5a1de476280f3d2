-- Whether a text begins with a day that the calendar has, alone or with a time and an offset after it.
create or replace function {schema}.cell_has_day(trimmed text) returns boolean language sql immutable parallel safe
return case
         when trimmed ~ '^[0-9]{4}(-(0[1-9]|1[0-2])-|/(0[1-9]|1[0-2])/)(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?$' then
           left(trimmed, 4) <> '0000'
           and substr(trimmed, 9, 2)::int <= case substr(trimmed, 6, 2)
                 when '02' then case when left(trimmed, 4)::int % 4 = 0 and (left(trimmed, 4)::int % 100 <> 0 or left(trimmed, 4)::int % 400 = 0) then 29 else 28 end
                 when '04' then 30 when '06' then 30 when '09' then 30 when '11' then 30
                 else 31
               end
         else false
       end;
