-- A worker's result as it may be stored, or why not.
create or replace function {schema}.accept_result(result text, out canonical text, out refusal text) language plpgsql immutable as $$
declare
    parsed json;
begin
    if octet_length(result) > 1048576 then
        refusal := 'The step''s result may not be stored: The JSON is larger than the limit of 1048576 bytes.';
        return;
    end if;

    begin
        parsed := result::json;
    exception
        when invalid_text_representation then
            refusal := 'The step''s result may not be stored: It is not valid JSON.';
            return;
        when statement_too_complex then
            refusal := 'The step''s result may not be stored: The JSON is nested deeper than 64 levels.';
            return;
    end;

    begin
        canonical := {schema}.canonical_json(parsed);
    exception
        when sqlstate 'ENJSN' then
            refusal := 'The step''s result may not be stored: ' || sqlerrm;
        when untranslatable_character then
            refusal := 'The step''s result may not be stored: The text holds a NUL character (U+0000), which a database text cannot store.';
        when invalid_text_representation then
            refusal := 'The step''s result may not be stored: The text holds half of a surrogate pair, which is not a character.';
    end;

    if octet_length(canonical) > 1048576 then
        refusal := 'The step''s result may not be stored: The JSON is larger than the limit of 1048576 bytes.';
    elsif json_typeof(parsed) <> 'object' then
        refusal := coalesce(refusal, 'The step''s result is not a JSON object, so no field can be found in it.');
    end if;

    if refusal is not null then
        canonical := null;
    end if;
end
$$;
