-- Why each limit makes calls wait now, and until when at least.
create or replace view {schema}.limit_states as
select l.bucket, l.name, l.failing, l.concurrency, held.slots, held.jobs,
       case when l.used_up_until > clock_timestamp() then 'vendor_credits'
            when l.paused_until > clock_timestamp() and l.failing > 0 then 'breaker'
            when greatest(l.paused_until, l.next_at) > clock_timestamp() or (l.concurrency > 0 and held.slots + held.jobs >= l.concurrency) then 'rate_limit' end as reason,
       case when greatest(l.paused_until, l.next_at, l.used_up_until) > clock_timestamp() then greatest(l.paused_until, l.next_at, l.used_up_until) end as until
  from {schema}.limits l
 cross join lateral (select (select coalesce(sum(b.slots), 0) from {schema}.permit_blocks b where b.bucket = l.bucket and b.name = l.name and b.until > clock_timestamp()) as slots,
                            (select coalesce(sum(j.jobs), 0) from {schema}.limit_jobs j where j.bucket = l.bucket and j.name = l.name and l.concurrency > 0) as jobs) held;
