-- Work/FinalLeads.cs by hand: one INSERT … SELECT over the whole batch, the same columns with the same casts and the same precedence. Every document is
-- parsed once ("offset 0" keeps the planner from parsing it anew for each column). No issues, no lock, no record of what the table holds.
begin;

set local jit = off;

create table enrichment.final_leads_by_hand (
    bucket smallint not null,
    client int not null,
    batch int not null,
    item int not null,
    first_name text,
    last_name text,
    title text,
    email text,
    linkedin_url text,
    company text,
    domain text,
    seniority text,
    city text,
    state text,
    country text,
    employees bigint,
    founded bigint,
    confidence numeric,
    is_current boolean,
    primary key (bucket, client, batch, item)
);

insert into enrichment.final_leads_by_hand
select bucket, client, batch, item,
       opinion.cast_text(opinion.cell_present(raw -> 0)),
       opinion.cast_text(opinion.cell_present(raw -> 1)),
       opinion.cast_text(coalesce(opinion.cell_present(three -> 'job_title'), opinion.cell_present(raw -> 2))),
       opinion.cast_text(opinion.cell_present(raw -> 3)),
       opinion.cast_text(opinion.cell_present(raw -> 4)),
       opinion.cast_text(coalesce(opinion.cell_present(one -> 'normalized_company_name'), opinion.cell_present(raw -> 5))),
       opinion.cast_text(coalesce(opinion.cell_present(one -> 'normalized_company_domain'), opinion.cell_present(raw -> 6))),
       opinion.cast_text(opinion.cell_present(two -> 'seniority')),
       opinion.cast_text(coalesce(opinion.cell_present(three -> 'city'), opinion.cell_present(raw -> 9))),
       opinion.cast_text(coalesce(opinion.cell_present(three -> 'state'), opinion.cell_present(raw -> 10))),
       opinion.cast_text(coalesce(opinion.cell_present(three -> 'country'), opinion.cell_present(raw -> 11))),
       opinion.cast_integer(opinion.cell_trimmed(two ->> 'employee_count')),
       opinion.cast_integer(opinion.cell_trimmed(two ->> 'founded_year')),
       opinion.cast_number(opinion.cell_trimmed(one ->> 'confidence')),
       opinion.cast_boolean(opinion.cell_trimmed(three ->> 'is_current'))
  from (select i.bucket, b.client, i.batch, i.item, u.raw::jsonb as raw, r1.data::jsonb as one, r2.data::jsonb as two, r3.data::jsonb as three
          from enrichment.batches b
          join enrichment.batch_items i on i.batch = b.batch
          join enrichment.upload_rows u on u.bucket = i.bucket and u.upload = b.upload and u.row = i.item
          left join enrichment.workflow_states s1 on s1.bucket = i.bucket and s1.batch = i.batch and s1.stage = 1 and s1.item = i.item and s1.status = 3
          left join enrichment.enrichment_results r1 on r1.bucket = i.bucket and r1.batch = i.batch and r1.stage = 1 and r1.item = i.item and r1.attempt = s1.result_attempt
          left join enrichment.workflow_states s2 on s2.bucket = i.bucket and s2.batch = i.batch and s2.stage = 2 and s2.item = i.item and s2.status = 3
          left join enrichment.enrichment_results r2 on r2.bucket = i.bucket and r2.batch = i.batch and r2.stage = 2 and r2.item = i.item and r2.attempt = s2.result_attempt
          left join enrichment.workflow_states s3 on s3.bucket = i.bucket and s3.batch = i.batch and s3.stage = 3 and s3.item = i.item and s3.status = 3
          left join enrichment.enrichment_results r3 on r3.bucket = i.bucket and r3.batch = i.batch and r3.stage = 3 and r3.item = i.item and r3.attempt = s3.result_attempt
         where b.batch = @batch
        offset 0) documents;

commit;
