-- Writes attempts before their calls leave and moves their states to IN_PROGRESS, under a live lease and for states that are open and as claimed. From then on the
-- state is no lease's: an answer, a poll or the deadline ends it. Locks: shares the lease's row; the states; the range's row. Called by BeginSendingAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
{part:fence},
{part:sent}
select item
  from sent;
