-- Past months whose batches are all pruned: their partitions, and tables that were detached and not dropped. Called by MaintainPartitionsAsync.
select m.month
  from (select 12 * (substr(t.relname, 20, 4)::int - 2026) + substr(t.relname, 25, 2)::int - 1 as month
          from pg_class t
         where t.relnamespace = '{schema}'::regnamespace
           and t.relkind = 'r'
           and t.relname ~ '^enrichment_results_[0-9]{4}_[0-9]{2}$') m
 where m.month < {schema}.month_of(coalesce(@now, clock_timestamp()))
   and not exists (select 1 from {schema}.batches b where b.batch between m.month << 22 and (m.month << 22) + 4194303 and b.pruned_at is null)
 order by m.month;
