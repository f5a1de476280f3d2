-- P0b, the naive set-based ceiling: a schema as one would draw it at first (uuid keys, foreign keys, a unique constraint and a partial index on the
-- states), worked on inside the server in sets. Claim a chunk and commit; then results, states and next states, and commit. No leases, no attempts,
-- no fencing, no history, no counters. The caller fills it, then runs p0b.work in two sessions at once.
create schema p0b;

create type p0b.workflow_status as enum ('PENDING', 'QUEUED', 'IN_PROGRESS', 'COMPLETED', 'FAILED');

create table p0b.batches (
    id uuid primary key default gen_random_uuid(),
    status text not null default 'PENDING',
    blueprint jsonb not null,
    client_id uuid,
    created_at timestamptz not null default now()
);

create table p0b.enrichment_registry (
    slug varchar(255) primary key,
    name text
);

create table p0b.batch_items (
    id uuid primary key default gen_random_uuid(),
    batch_id uuid not null references p0b.batches (id) on delete cascade,
    original_data jsonb
);

create table p0b.workflow_states (
    id uuid primary key default gen_random_uuid(),
    batch_id uuid not null references p0b.batches (id) on delete cascade,
    item_id uuid not null references p0b.batch_items (id) on delete cascade,
    step_name varchar(255) not null,
    status p0b.workflow_status not null default 'PENDING',
    updated_at timestamptz not null default now(),
    advanced_at timestamptz,
    meta jsonb,
    unique (batch_id, item_id, step_name)
);

create index on p0b.workflow_states (updated_at) where status = 'PENDING';

create table p0b.enrichment_results (
    id uuid primary key default gen_random_uuid(),
    batch_item_id uuid not null references p0b.batch_items (id) on delete cascade,
    workflow_slug varchar(255) not null references p0b.enrichment_registry (slug) on delete cascade,
    data jsonb not null,
    created_at timestamptz not null default now()
);

create index on p0b.enrichment_results (batch_item_id, workflow_slug);

insert into p0b.batches (id, blueprint) values ('00000000-0000-0000-0000-000000000001', '["step_1", "step_2", "step_3"]');
insert into p0b.enrichment_registry values ('step_1', '1'), ('step_2', '2'), ('step_3', '3');

create function p0b.fill(items int) returns void language sql as $$
    insert into p0b.batch_items (batch_id, original_data)
    select '00000000-0000-0000-0000-000000000001',
           jsonb_build_object('first_name', 'Jane', 'last_name', 'Doe' || n, 'title', 'Vice President of Engineering', 'email', 'jane.doe' || n || '@example.com', 'company_name', 'Example Company ' || n)
      from generate_series(1, items) n;
    insert into p0b.workflow_states (batch_id, item_id, step_name)
    select batch_id, id, 'step_1' from p0b.batch_items;
$$;

create function p0b.answer(item uuid, step text) returns jsonb language sql immutable as $$ select
    '{"provider": "noop", "version": 3, "confidence": 0.97, "normalized_company_name": "Example Company 1234", "normalized_company_domain": "example-company-1234.com", "title": "Vice President of Engineering", "seniority": "vp", "city": "San Francisco", "state": "California", "country": "United States", "employee_count": 1234, "founded_year": 2009, "is_current": true, "summary": "Builds and operates data products for go-to-market teams."}'::jsonb
 $$;

create procedure p0b.work(chunk int) language plpgsql as $$
declare
    ids uuid[];
    items uuid[];
    steps text[];
    claimed int;
begin
    loop
        with taken as (
            update p0b.workflow_states s
               set status = 'IN_PROGRESS', updated_at = now()
             where s.ctid = any (array(select ctid from p0b.workflow_states where status = 'PENDING' order by updated_at limit chunk for update skip locked))
            returning s.id, s.item_id, s.step_name)
        select array_agg(id), array_agg(item_id), array_agg(step_name::text), count(*)
          into ids, items, steps, claimed
          from taken;
        exit when claimed = 0;
        commit;
        insert into p0b.enrichment_results (batch_item_id, workflow_slug, data)
        select i, s, p0b.answer(i, s) from unnest(items, steps) t (i, s);
        update p0b.workflow_states w
           set status = 'COMPLETED', updated_at = now(), advanced_at = now()
         where w.id = any (ids)
           and w.status = 'IN_PROGRESS';
        insert into p0b.workflow_states (batch_id, item_id, step_name)
        select '00000000-0000-0000-0000-000000000001', i, case s when 'step_1' then 'step_2' else 'step_3' end
          from unnest(items, steps) t (i, s)
         where s <> 'step_3'
            on conflict do nothing;
        commit;
    end loop;
end $$;
