-- How many items wait for each reason, how long the oldest of them is due, how long work is due that no host takes, and how many breakers are open: one row
-- a reason, and one row without any if nothing waits. All items of a range that are PENDING count under one reason, and all that are IN_PROGRESS under one:
-- the counts are the ranges' counters, the reason is the batch's, the limit's, or that of the state that acts next, so that three looks into an index are
-- enough for any number of items. A plain read. Index: batches_open, ranges_open, leases' primary key, workflow_states_dated, workflow_states_out. Called by
-- ReadBacklogAsync.
with limited as materialized (
    select k.batch, k.stage,
           case when l.used_up_until > @now then 'vendor_credits'
                when l.paused_until > @now and l.failing > 0 then 'breaker'
                when max(coalesce(l.paused_until, 0), l.next_at) > @now then 'rate_limit' end as reason
      from {schema}.batches b
     cross join {schema}.stage_limits k on k.batch = b.batch
      join {schema}.limits l on l.bucket = k.bucket and l.name = k.name
     where b.status in ({batch.pending}, {batch.running}, {batch.paused})),
looked as materialized (
    select r.batch, r.stage, r.pending, r.in_progress, r.due_at, r.leased_at, b.status = {batch.paused} as paused,
           r.pending > 0 and b.status <> {batch.paused} and coalesce(r.due_at <= @now, 0) as due,
           exists (select 1
                     from {schema}.leases l
                    where l.bucket = r.bucket
                      and l.batch = r.batch
                      and l.stage = r.stage
                      and l.until > @now) as held,
           case when r.pending > 0 and b.status <> {batch.paused}
                then (select case when s.waits = {waits.retry} then 'retry'
                                  when s.waits = {waits.capable_host} then 'capable_host'
                                  when s.error_class = {class.out_of_credits} then 'vendor_credits'
                                  else 'rate_limit' end
                        from {schema}.workflow_states s
                       where s.bucket = r.bucket
                         and s.batch = r.batch
                         and s.stage = r.stage
                         and s.waits in ({waits.retry}, {waits.rate_limit}, {waits.capable_host})
                       order by s.due_at
                       limit 1) end as dated,
           case when r.in_progress > 0
                then coalesce((select case s.waits when {waits.callback} then 'callback' when {waits.poll} then 'poll' else 'worker' end
                                 from {schema}.workflow_states s
                                where s.bucket = r.bucket
                                  and s.batch = r.batch
                                  and s.stage = r.stage
                                  and s.waits in ({waits.callback}, {waits.poll}, {waits.worker})
                                order by s.due_at
                                limit 1),
                              'entity') end as out
      from {schema}.batches b
     cross join {schema}.ranges r
     where b.status in ({batch.pending}, {batch.running}, {batch.paused})
       and r.bucket between 0 and 63
       and r.batch = b.batch
       and (r.pending > 0 or r.in_progress > 0 or r.to_advance > 0)),
told as materialized (
    select k.batch, k.stage, k.pending, k.in_progress, k.due, k.due_at, k.leased_at, k.held, k.out,
           case when k.paused then 'paused'
                when k.due then coalesce(l.reason, case when k.dated = 'capable_host' then k.dated else 'due' end)
                when k.held then 'due'
                else coalesce(k.dated, 'due') end as reason
      from looked k
      left join limited l on l.batch = k.batch and l.stage = k.stage),
waiting as (
    select t.reason, t.pending as items, case when t.due then t.due_at end as due_at
      from told t
     where t.pending > 0
     union all
    select t.out, t.in_progress, null
      from told t
     where t.in_progress > 0),
untaken as (
    select max(min(t.due_at), coalesce(max(t.leased_at), 0)) as since
      from told t
     group by t.batch, t.stage
    having count(*) filter (where t.due and t.reason in ('due', 'capable_host')) > 0
       and max(t.held) = 0)
select g.reason, coalesce(g.items, 0) as items,
       coalesce(@now - g.due_at, 0) as oldest,
       coalesce(@now - (select min(u.since) from untaken u), 0) as untaken,
       (select count(*) from {schema}.limits l where l.bucket between 0 and 63 and l.failing > 0 and l.paused_until > @now) as breakers
  from (select 1)
  left join (select w.reason, sum(w.items) as items, min(w.due_at) as due_at
               from waiting w
              group by w.reason) g on true
 order by g.reason;
