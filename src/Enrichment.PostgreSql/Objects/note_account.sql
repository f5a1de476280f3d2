-- What the vendor said of a lease's account: that it is used up, so that nothing is called for a time; or an answer, which ends such a
-- pause if a call was out to tell. What was put off keeps its date then: only items of a pure step have one, a quarter of an hour after
-- the vendor said so.
create or replace function {schema}.note_account(held {schema}.held_lease, used_up boolean)
returns void language plpgsql as $$
#variable_conflict use_column
declare
    _now constant timestamptz := null;
    _account constant record := {schema}.held_account(held);
    _bucket constant smallint := _account.bucket;
    _name constant text := _account.name;
    _pause constant interval := '15 minutes';
    _age constant interval := '0'; -- When a worker's call began is not known: what it hears holds from now on.
    _probed constant boolean := true;
    _noted int;
begin
    perform set_config('idle_in_transaction_session_timeout', '5s', true); -- Hosts wait for the account's row.
    if used_up then
        perform {schema}.bind_stage(held.batch, held.stage, _bucket, _name);
        {sql:pause_account}
        into _noted;
    else
        {sql:resume_account}
        into _noted;
    end if;
end
$$;
