-- Why each limit makes calls wait now, and until when at least.
create view {schema}.limit_states as
select h.bucket, h.name, h.failing, h.concurrency, h.slots, h.jobs,
       case when h.used_up_until > unixepoch('subsec') * 1000 then 'vendor_credits'
            when h.paused_until > unixepoch('subsec') * 1000 and h.failing > 0 then 'breaker'
            when h.ahead > unixepoch('subsec') * 1000 or (h.concurrency > 0 and h.slots + h.jobs >= h.concurrency) then 'rate_limit' end as reason,
       case when h.ahead > unixepoch('subsec') * 1000 then h.ahead end as until
  from (select l.bucket, l.name, l.failing, l.concurrency, l.paused_until, l.used_up_until, max(coalesce(l.paused_until, 0), l.next_at, coalesce(l.used_up_until, 0)) as ahead,
               (select coalesce(sum(b.slots), 0) from {schema}.permit_blocks b where b.bucket = l.bucket and b.name = l.name and b.until > unixepoch('subsec') * 1000) as slots,
               (select coalesce(sum(j.jobs), 0) from {schema}.limit_jobs j where j.bucket = l.bucket and j.name = l.name and l.concurrency > 0) as jobs
          from {schema}.limits l) h;
