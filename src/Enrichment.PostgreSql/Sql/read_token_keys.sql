-- The keys with which names are signed: one a rotation. A new one signs when every host has read it, which each does once a minute. Called by ReadTokenKeysAsync.
select k.key, k.secret, k.created_at <= coalesce(@now, clock_timestamp()) - interval '2 minutes' as may_sign
  from {schema}.token_keys k
 order by k.key;
