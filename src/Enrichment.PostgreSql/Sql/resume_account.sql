-- Ends the pause of an account: at once, or only while a call is out that is to tell whether more was bought. When that was is kept: a call that began before says nothing of it.
-- Index: the primary key. Called by ResumeAccountAsync.
update {schema}.limits
   set used_up_at = null, used_up_until = null, used_up_probe = null, resumed_at = coalesce(@now, clock_timestamp())
 where bucket = @bucket
   and name = @name
   and used_up_at is not null
   and (used_up_probe = 1 or not @probed)
returning 1;
