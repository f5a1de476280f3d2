-- How many versions of steps have profiles of answers of more than one of a client's batches: their answers were compared. Index: the primary key. Called by CountComparedAsync.
select count(*)
  from (select p.step, p.version
          from {schema}.answer_profiles p
          join {schema}.clients c on c.client = p.client
         where c.slug = @client
         group by p.step, p.version
        having count(*) > 1) s;
