-- Work/LeadTables.cs by hand: the same 40 columns and four child tables with the same casts and the same precedence, a bucket of the batch after the other,
-- each in a transaction. Every document is parsed once. Child rows are told apart by their place in the array. No issues, no lock, no hash, no origin, and
-- no record of what the tables hold.
create table enrichment.lead_by_hand (
    bucket smallint not null,
    client int not null,
    batch int not null,
    item int not null,
    first_name text,
    last_name text,
    full_name text,
    title text,
    headline text,
    seniority text,
    department text,
    person_linkedin text,
    person_city text,
    person_region text,
    person_country text,
    followers bigint,
    connections bigint,
    open_to_work boolean,
    person_updated_at timestamptz,
    person_confidence numeric,
    skills text[],
    company text,
    domain text,
    website text,
    company_linkedin text,
    industry text,
    employees bigint,
    size text,
    founded bigint,
    revenue numeric,
    is_public boolean,
    company_phone text,
    hq_street text,
    hq_city text,
    hq_state text,
    hq_country text,
    description text,
    tags text[],
    email text,
    email_status text,
    catch_all boolean,
    verified_on date,
    signals jsonb,
    email_score bigint,
    primary key (bucket, client, batch, item)
);
create table enrichment.work_history_by_hand (
    bucket smallint not null,
    client int not null,
    batch int not null,
    item int not null,
    place bigint not null,
    title text,
    company text,
    domain text,
    started date,
    ended date,
    is_current boolean,
    primary key (bucket, client, batch, item, place)
);
create table enrichment.education_by_hand (
    bucket smallint not null,
    client int not null,
    batch int not null,
    item int not null,
    place bigint not null,
    school text,
    degree text,
    field text,
    began bigint,
    ended bigint,
    primary key (bucket, client, batch, item, place)
);
create table enrichment.technologies_by_hand (
    bucket smallint not null,
    client int not null,
    batch int not null,
    item int not null,
    place bigint not null,
    name text,
    category text,
    since date,
    primary key (bucket, client, batch, item, place)
);
create table enrichment.funding_by_hand (
    bucket smallint not null,
    client int not null,
    batch int not null,
    item int not null,
    place bigint not null,
    round text,
    amount numeric,
    raised_on date,
    lead text,
    primary key (bucket, client, batch, item, place)
);
create procedure enrichment.fill_by_hand(in_batch int) language plpgsql as $$
begin
    for b in 0..63 loop
        set local jit = off;
        set local plan_cache_mode = force_custom_plan;
        with documents as materialized (
            select i.bucket, n.client, i.batch, i.item, u.raw::jsonb as raw, r1.data::jsonb as one, r2.data::jsonb as two, r3.data::jsonb as three
              from enrichment.batches n
              join enrichment.batch_items i on i.batch = n.batch
              join enrichment.upload_rows u on u.bucket = i.bucket and u.upload = n.upload and u.row = i.item
              left join enrichment.workflow_states s1 on s1.bucket = i.bucket and s1.batch = i.batch and s1.stage = 1 and s1.item = i.item and s1.status = 3
              left join enrichment.enrichment_results r1 on r1.bucket = i.bucket and r1.batch = i.batch and r1.stage = 1 and r1.item = i.item and r1.attempt = s1.result_attempt
              left join enrichment.workflow_states s2 on s2.bucket = i.bucket and s2.batch = i.batch and s2.stage = 2 and s2.item = i.item and s2.status = 3
              left join enrichment.enrichment_results r2 on r2.bucket = i.bucket and r2.batch = i.batch and r2.stage = 2 and r2.item = i.item and r2.attempt = s2.result_attempt
              left join enrichment.workflow_states s3 on s3.bucket = i.bucket and s3.batch = i.batch and s3.stage = 3 and s3.item = i.item and s3.status = 3
              left join enrichment.enrichment_results r3 on r3.bucket = i.bucket and r3.batch = i.batch and r3.stage = 3 and r3.item = i.item and r3.attempt = s3.result_attempt
             where n.batch = in_batch and i.bucket = b),
        work_history as (
            insert into enrichment.work_history_by_hand
            select d.bucket, d.client, d.batch, d.item, e.place,
                   opinion.cast_text(opinion.cell_present(e.value -> 'title')),
                   opinion.cast_text(opinion.cell_present(e.value -> 'company')),
                   opinion.cast_text(opinion.cell_present(e.value -> 'domain')),
                   opinion.cast_date(opinion.cell_trimmed(e.value ->> 'start')),
                   opinion.cast_date(opinion.cell_trimmed(e.value ->> 'end')),
                   opinion.cast_boolean(opinion.cell_trimmed(e.value ->> 'current'))
              from documents d
             cross join lateral jsonb_array_elements(d.one -> 'experience') with ordinality as e(value, place)),
        education as (
            insert into enrichment.education_by_hand
            select d.bucket, d.client, d.batch, d.item, e.place,
                   opinion.cast_text(opinion.cell_present(e.value -> 'school')),
                   opinion.cast_text(opinion.cell_present(e.value -> 'degree')),
                   opinion.cast_text(opinion.cell_present(e.value -> 'field')),
                   opinion.cast_integer(opinion.cell_trimmed(e.value ->> 'from')),
                   opinion.cast_integer(opinion.cell_trimmed(e.value ->> 'to'))
              from documents d
             cross join lateral jsonb_array_elements(d.one -> 'education') with ordinality as e(value, place)),
        technologies as (
            insert into enrichment.technologies_by_hand
            select d.bucket, d.client, d.batch, d.item, e.place,
                   opinion.cast_text(opinion.cell_present(e.value -> 'name')),
                   opinion.cast_text(opinion.cell_present(e.value -> 'category')),
                   opinion.cast_date(opinion.cell_trimmed(e.value ->> 'since'))
              from documents d
             cross join lateral jsonb_array_elements(d.two -> 'technologies') with ordinality as e(value, place)),
        funding as (
            insert into enrichment.funding_by_hand
            select d.bucket, d.client, d.batch, d.item, e.place,
                   opinion.cast_text(opinion.cell_present(e.value -> 'round')),
                   opinion.cast_number(opinion.cell_trimmed(e.value ->> 'amount')),
                   opinion.cast_date(opinion.cell_trimmed(e.value ->> 'date')),
                   opinion.cast_text(opinion.cell_present(e.value -> 'lead'))
              from documents d
             cross join lateral jsonb_array_elements(d.two -> 'funding') with ordinality as e(value, place))
        insert into enrichment.lead_by_hand
        select bucket, client, batch, item,
               opinion.cast_text(opinion.cell_present(raw -> 0)),
               opinion.cast_text(opinion.cell_present(raw -> 1)),
               opinion.cast_text(opinion.cell_present(one -> 'full_name')),
               opinion.cast_text(coalesce(opinion.cell_present(one -> 'current_title'), opinion.cell_present(raw -> 2))),
               opinion.cast_text(opinion.cell_present(one -> 'headline')),
               opinion.cast_text(opinion.cell_present(one -> 'seniority')),
               opinion.cast_text(opinion.cell_present(one -> 'department')),
               opinion.cast_text(coalesce(opinion.cell_present(one -> 'linkedin'), opinion.cell_present(raw -> 4))),
               opinion.cast_text(coalesce(opinion.cell_present(one -> 'city'), opinion.cell_present(raw -> 9))),
               opinion.cast_text(coalesce(opinion.cell_present(one -> 'region'), opinion.cell_present(raw -> 10))),
               opinion.cast_text(coalesce(opinion.cell_present(one -> 'country'), opinion.cell_present(raw -> 11))),
               opinion.cast_integer(opinion.cell_trimmed(one ->> 'followers')),
               opinion.cast_integer(opinion.cell_trimmed(one ->> 'connections')),
               opinion.cast_boolean(opinion.cell_trimmed(one ->> 'open_to_work')),
               opinion.cast_timestamp(opinion.cell_trimmed(one ->> 'updated')),
               opinion.cast_number(opinion.cell_trimmed(one ->> 'confidence')),
               opinion.cast_text_list(opinion.cell_present(one -> 'skills')),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'name'), opinion.cell_present(raw -> 5))),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'domain'), opinion.cell_present(raw -> 6))),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'website'), opinion.cell_present(raw -> 6))),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'linkedin'), opinion.cell_present(raw -> 7))),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'industry'), opinion.cell_present(raw -> 8))),
               opinion.cast_integer(opinion.cell_trimmed(two ->> 'employee_count')),
               opinion.cast_text(opinion.cell_present(two -> 'size')),
               opinion.cast_integer(opinion.cell_trimmed(two ->> 'founded')),
               opinion.cast_number(opinion.cell_trimmed(two ->> 'revenue')),
               opinion.cast_boolean(opinion.cell_trimmed(two ->> 'public')),
               opinion.cast_text(opinion.cell_present(two -> 'phone')),
               opinion.cast_text(opinion.cell_present(two -> 'hq' -> 'street')),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'hq' -> 'city'), opinion.cell_present(raw -> 9))),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'hq' -> 'state'), opinion.cell_present(raw -> 10))),
               opinion.cast_text(coalesce(opinion.cell_present(two -> 'hq' -> 'country'), opinion.cell_present(raw -> 11))),
               opinion.cast_text(opinion.cell_present(two -> 'description')),
               opinion.cast_text_list(opinion.cell_present(two -> 'tags')),
               opinion.cast_text(coalesce(opinion.cell_present(three -> 'email'), opinion.cell_present(raw -> 3))),
               opinion.cast_text(opinion.cell_present(three -> 'status')),
               opinion.cast_boolean(opinion.cell_trimmed(three ->> 'catch_all')),
               opinion.cast_date(opinion.cell_trimmed(three ->> 'verified_at')),
               opinion.cell_present(three -> 'signals'),
               opinion.cast_integer(opinion.cell_trimmed(three ->> 'score'))
          from documents;
        commit;
    end loop;
end $$;
