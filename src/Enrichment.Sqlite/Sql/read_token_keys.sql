-- The keys with which names are signed: one a rotation. Called by ReadTokenKeysAsync.
select k.key, k.secret
  from {schema}.token_keys k
 order by k.key;
