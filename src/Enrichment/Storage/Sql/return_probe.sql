-- Gives back the right to the one call that tells whether more was bought for an account: it was not made, and the next one may be made at once. Index: the primary key. Called by ReturnProbeAsync.
update {schema}.limits
   set used_up_until = used_up_at, used_up_probe = null
 where bucket = @bucket
   and name = @name
   and used_up_probe is not null;
