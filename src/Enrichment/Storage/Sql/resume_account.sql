-- Ends the pause of an account: at once, or only while a call is out that is to tell whether more was bought. Index: the primary key. Called by ResumeAccountAsync.
update {schema}.limits
   set used_up_at = null, used_up_until = null, used_up_probe = null
 where bucket = @bucket
   and name = @name
   and used_up_at is not null
   and (used_up_probe = 1 or not @probed)
returning 1;
