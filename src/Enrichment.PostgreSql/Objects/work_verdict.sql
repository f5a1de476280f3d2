-- What becomes of a state, as OutcomeRules in the core says it of a step that answers at once. Outcomes are StepOutcomeKind's; 0: given back, not called for.
create or replace function {schema}.work_verdict(
    plan json, last boolean, tries smallint, outcome smallint, reason text, fault smallint, after interval, random double precision,
    out status smallint, out tried smallint, out waits smallint, out delay_ms bigint, out error_class smallint, out error text, out advances boolean)
language plpgsql stable parallel safe as $$
declare
    base double precision := {schema}.seconds_of(plan -> 'retry' ->> 'baseDelay');
    most double precision := {schema}.seconds_of(plan -> 'retry' ->> 'maxDelay');
    safe boolean := coalesce(plan -> 'manifest' ->> 'effects', 'Review') <> 'Review';
    retried boolean := outcome = {outcome.retry} or outcome = {outcome.unknown} and safe;
begin
    error := left(regexp_replace(reason, '[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]', ' ', 'g'), 1000);
    error_class := case outcome when {outcome.retry} then {class.transient} when {outcome.rate_limited} then coalesce(fault, {class.rate_limited})
                                when {outcome.failed} then coalesce(fault, {class.permanent}) when {outcome.unknown} then {class.outcome_unknown} end;
    tried := case when outcome in (0, {outcome.skipped}, {outcome.rate_limited}) then tries else tries + 1 end;
    delay_ms := 0;
    if outcome = 0 then
        status := {status.pending};
    elsif outcome in ({outcome.completed}, {outcome.not_found}) then
        status := {status.completed};
        error := null;
    elsif outcome = {outcome.skipped} then
        status := {status.skipped};
    elsif outcome = {outcome.rate_limited} or retried and tried < (plan -> 'retry' ->> 'maxTries')::int then
        status := {status.pending};
        waits := case outcome when {outcome.rate_limited} then {waits.rate_limit} else {waits.retry} end;
        delay_ms := trunc(1000 * case when outcome = {outcome.rate_limited} and fault = {class.out_of_credits} 
                                      then case when plan -> 'manifest' ->> 'effects' = 'Pure' then 900 else 0 end
                                      when after > interval '0' and outcome <> {outcome.unknown} then least(extract(epoch from after)::double precision, 3600) + base * random
                                      else least(base * 2 ^ least(tries, 40), most) * (0.5 + random / 2) end);
    else
        status := {status.failed};
        error := case when retried then left(format('Given up after %s tries: %s', tried, error), 1000) else error end;
    end if;

    advances := not last and (status in ({status.completed}, {status.skipped}) or status = {status.failed} and coalesce((plan ->> 'optional')::boolean, false));
end
$$;
