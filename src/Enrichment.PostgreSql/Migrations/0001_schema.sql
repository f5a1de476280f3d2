-- The whole schema. Every hot table's key begins with the bucket, every key inside is a narrow integer, and the hot tables carry no
-- secondary index without a named reader and no foreign key: the doctor shows what foreign keys would have promised.

create table {schema}.clients (
    client int generated always as identity primary key,
    id uuid not null unique,
    slug text not null unique,
    created_at timestamptz not null
);

create table {schema}.uploads (
    upload int generated always as identity primary key,
    id uuid not null unique,
    client int not null references {schema}.clients,
    workstream text not null,
    workstream_version text not null,
    file_name text,
    uploaded_by text,
    size_bytes bigint,
    sha256 bytea,
    fingerprint bytea,            -- what makes two uploads the same: content, dialect and header map
    edition int not null default 0, -- 0, or which deliberate repetition of the same fingerprint this is; negative once pruned: the content is welcome again
    columns json,                 -- the headers by position
    header_map json,              -- field -> positions, the first non-blank wins
    report json,
    accepted int,
    rejected int,
    created_at timestamptz not null,
    staged_at timestamptz,        -- when rows were last added: a sign that its host lives
    sealed_at timestamptz,
    pruned_at timestamptz,        -- its rows are gone, or about to be; of one that is not sealed: it was given up
    constraint upload_once unique (client, fingerprint, edition),
    constraint sealed_is_complete check (sealed_at is null or (fingerprint is not null and columns is not null and header_map is not null and accepted is not null and rejected is not null))
);

-- Reader: find_abandoned, which finds uploads that were begun and never ended.
create index uploads_unsealed on {schema}.uploads (upload) where sealed_at is null;

-- Reader: read_uploads.
create index uploads_of_a_client on {schema}.uploads (client, upload) where sealed_at is not null;

-- Clients' own mappings of headers to fields; append-only: of a client and a scope the one with the greatest number is in force. Uploads remember its number.
create table {schema}.column_mappings (
    mapping int generated always as identity primary key,
    client int not null references {schema}.clients,
    workstream text,              -- of the lists of this kind
    headers json,                 -- of files with these headers, normalised, by position
    columns json,                 -- header -> field, or null for none; null as a whole: forgotten
    set_by text,
    set_at timestamptz not null,
    constraint one_scope check ((workstream is null) <> (headers is null))
);

-- Reader: read_mappings.
create index column_mappings_of_a_client on {schema}.column_mappings (client, mapping);

-- One row, one JSON array of cells by column position: hostile or equal headers never become keys.
create table {schema}.upload_rows (
    bucket smallint not null,
    upload int not null,
    row int not null,
    bytes int not null generated always as (octet_length(raw::text)) stored, -- before any compression, so that readers can bound what they hold
    raw json not null,
    primary key (bucket, upload, row)
);

create table {schema}.rejected_rows (
    bucket smallint not null,
    upload int not null,
    row int not null,
    line bigint not null,
    code text not null,
    reason text not null,
    raw bytea not null,           -- bytes, because a rejected row may not be legal text
    primary key (bucket, upload, row)
);

create table {schema}.batches (
    batch int primary key,        -- month << 22 | serial within the month, see next_batch: the number names the partition of its results
    id uuid not null unique,
    client int not null references {schema}.clients,
    upload int not null references {schema}.uploads,
    launch_key text not null,
    request_hash bytea not null,  -- the same key with another request is an error, not a repetition; of request batches: the answers of batches with the same hash serve each other
    pipeline text not null,
    snapshot json not null,       -- the pipeline, its manifests and its configuration as they were at launch
    trace_parent text,           -- the trace context of the launch, which spans of its work link to
    status smallint not null,
    priority smallint not null,   -- its weight against the client's other batches
    version int not null default 0, -- moves with every change of status, so that a stale completion cannot win; of request batches also when another batch of the same answers is made
    items int not null,
    consolidated_version int,     -- the version that the typed tables show
    observed_version int,         -- the ended version that observers were told of
    profiled_version int,         -- the ended version whose answers are profiled
    created_at timestamptz not null,
    started_at timestamptz,
    completed_at timestamptz,
    pruned_at timestamptz,        -- from then on its items, states and results are not to be read, whether they are still there or not
    deleted_at timestamptz,       -- when the last of them was deleted
    entity_requests boolean not null default false, -- its items are calls for entities, which items of other batches wait for: see entities
    constraint launch_once unique (client, launch_key),
    constraint only_ended_is_pruned check (pruned_at is null or status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled})),
    constraint only_pruned_is_deleted check (deleted_at is null or pruned_at is not null),
    constraint known_priority check (priority between 1 and 100)
) with (autovacuum_vacuum_scale_factor = 0.05);
-- Each change of status moves a batch between the partial indexes below, which are read with every sweep: dead entries should not gather there.

-- Covers the query for open batches and their clients: every host reads it before each claim.
create index batches_open on {schema}.batches (batch) include (client, priority, status) where status in ({batch.pending}, {batch.running}, {batch.paused});

create index batches_unconsolidated on {schema}.batches (batch) where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled}) and consolidated_version is distinct from version and pruned_at is null and not entity_requests;

-- Reader: find_unobserved.
create index batches_unobserved on {schema}.batches (batch) where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled}) and observed_version is distinct from version and pruned_at is null and not entity_requests;

-- Reader: find_unprofiled.
create index batches_unprofiled on {schema}.batches (batch) where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled}) and profiled_version is distinct from version and pruned_at is null and not entity_requests;

-- Reader: find_prunable, which looks for the oldest.
create index batches_ended on {schema}.batches (completed_at, batch) where status in ({batch.completed}, {batch.completed_with_failures}, {batch.cancelled}) and pruned_at is null;

-- Reader: find_undeleted, which a crash gives work.
create index batches_undeleted on {schema}.batches (batch) where pruned_at is not null and deleted_at is null;

-- Reader: open_request_batch and lock_requests, which look for the batches whose answers serve each other.
create index batches_of_requests on {schema}.batches (client, request_hash) where entity_requests;

-- Readers: prune_upload and withdraw_upload, which read whether a batch needs the rows; read_uploads, which counts the batches.
create index batches_of_an_upload on {schema}.batches (upload);

-- What happened to a batch; append-only.
create table {schema}.batch_events (
    event bigint generated always as identity primary key,
    batch int not null references {schema}.batches,
    kind text not null,
    detail json,
    at timestamptz not null
);

create index batch_events_of_a_batch on {schema}.batch_events (batch);

create table {schema}.batch_items (
    bucket smallint not null,
    batch int not null,
    item int not null,            -- the row's number in the upload
    primary key (bucket, batch, item)
);

-- THE driver. Status: 0 PENDING, 2 IN_PROGRESS, 3 COMPLETED, 4 FAILED, 5 SKIPPED, 6 CANCELLED; 1 QUEUED is derived, see item_states.
create table {schema}.workflow_states (
    bucket smallint not null,
    stage smallint not null,
    batch int not null,
    item int not null,
    status smallint not null,
    generation smallint not null,
    tries smallint not null default 0,
    waits smallint,               -- PENDING: 1 retry, 2 rate_limit, 6 capable_host; null: due at once. IN_PROGRESS: 3 callback, 4 poll, 5 entity, 7 worker
    error_class smallint,
    key_generation smallint,      -- the earlier generation whose idempotency key the calls of this one use; null: its own
    attempt int not null default 0, -- the last attempt's number
    result_attempt int,           -- the attempt whose stored result completed this state
    due_at timestamptz not null,  -- when something acts: the next claim, poll or the deadline
    updated_at timestamptz not null,
    advanced_at timestamptz,      -- when the sequencer acted on the terminal state
    error text,
    primary key (bucket, batch, stage, item),
    constraint known_status check (status in ({status.pending}, {status.in_progress}, {status.completed}, {status.failed}, {status.skipped}, {status.cancelled})),
    constraint completed_has_result check ((status = {status.completed}) = (result_attempt is not null)),
    constraint failed_has_class check (status <> {status.failed} or error_class is not null),
    constraint sent_is_waited_for check ((status = {status.in_progress}) = coalesce(waits in ({waits.callback}, {waits.poll}, {waits.worker}, {waits.entity}), false)),
    constraint only_terminal_is_advanced check (advanced_at is null or status in ({status.completed}, {status.failed}, {status.skipped}, {status.cancelled}))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- fillfactor 50: the one update of a row's life stays on its page (HOT), which measured a third faster and smaller on disk than 85.
-- Autovacuum at 2 % and without pauses: retries and retention leave dead rows that no later update of the same page clears away.

-- No index names the status, also not in its condition: an update of a column that any index names is no HOT one.

-- Reader: the claim, to know the earliest date of the rows that wait for one. Plain rows never enter it.
create index workflow_states_dated on {schema}.workflow_states (bucket, batch, stage, due_at) where waits in ({waits.retry}, {waits.rate_limit}, {waits.capable_host});

-- Readers: has_open_work and find_unable, which read the items that wait for a host that has the step. Nearly always empty.
create index workflow_states_unable on {schema}.workflow_states (bucket, batch, stage) where waits = {waits.capable_host};

-- Reader: take_due_timers, which finds the states whose poll or deadline is due.
create index workflow_states_out on {schema}.workflow_states (bucket, batch, stage, due_at) where waits in ({waits.callback}, {waits.poll}, {waits.worker});

-- Columns of this table and of the states are ordered by width, which saves eight bytes of padding in each row.
-- Partitioned by month of launch, so that old results go with their partition: no row is deleted, nothing is left to vacuum. Every key names its batch,
-- and the batch's number its month: statements reach one partition. There is no default partition, because attaching a month would have to scan it.
create table {schema}.enrichment_results (
    bucket smallint not null,
    stage smallint not null,
    batch int not null,
    item int not null,
    attempt int not null,
    bytes int not null generated always as (octet_length(data::text)) stored, -- as in upload_rows
    created_at timestamptz not null,
    kind smallint not null,       -- 1 completed, 2 not found
    data json not null,           -- canonical text, byte for byte the same in every store
    source bigint,                -- batch << 32 | item of the entity request whose answer this is a copy of; null: the item's own
    primary key (bucket, batch, stage, item, attempt)
) partition by range (batch);

-- Calls outside: written and committed before the call, closed after it. Pure steps leave a row only when they did not complete.
create table {schema}.attempts (
    bucket smallint not null,
    batch int not null,
    stage smallint not null,
    item int not null,
    attempt int not null,
    generation smallint not null,
    outcome smallint,             -- StepOutcomeKind; null: open
    error_class smallint,
    owner text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    cost numeric,
    error text,
    answer json,                  -- an answer that completed nothing: late or superseded
    call uuid,                    -- the call that it shares with other attempts, of a vendor's bulk endpoint
    token bytea,                  -- SHA-256 of the token that a delivery has to bring
    deadline_at timestamptz,      -- until when a call that was sent may be answered
    reference text,               -- the vendor's name for the call
    primary key (bucket, batch, stage, item, attempt),
    constraint ended_has_outcome check ((ended_at is null) = (outcome is null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
-- fillfactor 70: an attempt is closed once, on its page. Retention deletes from this table as from workflow_states.

-- An index over workflow_states from which hosts choose work, and its counters. Can be rebuilt from the states at any time.
create table {schema}.ranges (
    bucket smallint not null,
    batch int not null,
    stage smallint not null,
    pending int not null default 0,
    in_progress int not null default 0,
    completed int not null default 0,
    failed int not null default 0,
    skipped int not null default 0,
    cancelled int not null default 0,
    to_advance int not null default 0, -- terminal states on which the sequencer has yet to act
    token bigint not null default 0,   -- the fencing token of the youngest lease
    next_item int not null default 0,  -- where the next claim begins to look
    due_at timestamptz,                -- never later than the earliest due unleased state
    acts_at timestamptz,               -- never later than the earliest date of a state in progress
    leased_at timestamptz,
    primary key (bucket, batch, stage)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
-- A row is updated with every set that is claimed or committed, hundreds of times in its life, while the table stays small beside the others: a share of its
-- size says nothing, so vacuum uses the count of dead rows.

-- The open ranges among all ended ones: for the choice of work, and for the sweep.
create index ranges_open on {schema}.ranges (batch, due_at) where pending > 0 or in_progress > 0 or to_advance > 0;

-- A host's dated right to the items lo..hi of a range. Without owner: an interval whose host was lost, to be run again.
create table {schema}.leases (
    bucket smallint not null,
    batch int not null,
    stage smallint not null,
    lo int not null,
    hi int not null,
    token bigint not null,
    owner text,
    until timestamptz,
    losses smallint not null default 0, -- how often this interval, or one it is a part of, lost its host
    alone smallint not null default 0,  -- how often it did so when only one item was left in it
    primary key (bucket, batch, stage, lo),
    constraint lease_has_an_end check ((owner is null) = (until is null)),
    constraint lease_is_an_interval check (lo <= hi)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
-- Nearly empty at any time, but a row comes and goes with every set that is claimed: as with ranges.

-- The requests of each entity, one row each: a request is an item of a request batch, with a state, attempts and a result as any item has, in the bucket of
-- the entity's key. The last one's answer serves while it is fresh; the primary key lets one of two concurrent requests be made.
create table {schema}.entities (
    bucket smallint not null,
    batch int not null,           -- the request batch
    key text not null,            -- canonical
    request int not null,             -- the number of the request among those of this entity, from 1, through all batches of the same answers
    item int not null,
    waiting bigint not null,      -- the buckets that may have waiters, one bit each
    callers int not null,         -- counts each new waiter, so that a host that completes waiters notices that it has not seen them all
    primary key (bucket, batch, key, request),
    constraint one_entity_a_request unique (bucket, batch, item)
) with (fillfactor = 70);

-- What an item that is IN_PROGRESS with its entity waits for; in the item's bucket.
create table {schema}.entity_waiters (
    bucket smallint not null,
    batch int not null,
    stage smallint not null,
    item int not null,
    request_bucket smallint not null,
    request_batch int not null,
    request_item int not null,
    primary key (bucket, batch, stage, item)
);

-- Readers: complete_waiters and find_waits.
create index entity_waiters_for on {schema}.entity_waiters (bucket, request_batch, request_item);

-- What vendors delivered, byte for byte, once each; interpreted after it was stored, and again whenever that is wanted.
create table {schema}.inbox (
    bucket smallint not null,
    batch int not null,
    stage smallint not null,
    item int not null,
    attempt int not null,
    message text not null,        -- tells a repeated delivery: the vendor's id of it, else its body's hash
    state smallint not null,      -- DeliveryState
    times int not null default 1, -- how often it came
    reason text,                  -- why it changed nothing or could not be interpreted
    received_at timestamptz not null,
    due_at timestamptz not null,  -- from when on a host may interpret it
    headers json not null,
    body bytea not null,
    primary key (bucket, batch, stage, item, attempt, message)
);

-- Reader: take_deliveries.
create index inbox_to_interpret on {schema}.inbox (bucket, due_at) where state = {delivery.received};

-- The work of external workers: one row for each open attempt of an external step, made with the attempt and gone with its end. Fetched at most once.
create table {schema}.external_tasks (
    bucket smallint not null,
    stage smallint not null,
    batch int not null,
    item int not null,
    attempt int not null,
    client text not null,         -- its slug
    step text not null,
    version text not null,
    idempotency_key text not null,
    settings json,                  -- the step's settings in the batch, secrets by name only
    record json not null,           -- the fields that the step reads
    limited boolean not null,     -- whether a rate limit gives the call its moment
    call_at timestamptz not null, -- when the call may leave at the earliest
    visible_until timestamptz not null, -- until when the call may leave; a task that nobody has fetched by then is withdrawn
    acts_at timestamptz,          -- when a host acts: the end of its time to be fetched, then the end of the worker's lock. Null: it was reported
    trial bigint,                 -- the block of the limit whose only call it is: its report tells whether a failing vendor answers again
    alone smallint,                -- fetched with no other, because it was lost with its worker before: so often it was so when it was alone
    token bytea,                  -- SHA-256 of the token that its report has to bring; null: not fetched
    worker text,                  -- the name that the worker gave itself
    identity text,                -- the identity by which the worker was authenticated
    primary key (bucket, batch, stage, item, attempt),
    constraint fetched_has_a_worker check ((token is null) = (worker is null) and (token is null) = (identity is null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
-- Small at any time, but a row comes and goes with every call of an external step: as with leases.

-- Reader: fetch_tasks.
create index external_tasks_unfetched on {schema}.external_tasks (bucket, step, call_at) where token is null;

-- Reader: find_buckets_of_tasks, for workers that may not have all clients.
create index external_tasks_of_clients on {schema}.external_tasks (bucket, step, client) where token is null;

-- Reader: read_demand, which counts what is handed out ahead of the workers.
create index external_tasks_ahead on {schema}.external_tasks (batch, stage) where token is null;

-- Reader: lease_permits, which asks whether a failing vendor's trial call is still out.
create index external_tasks_trial on {schema}.external_tasks (trial) where trial is not null;

-- Reader: find_due_tasks.
create index external_tasks_acting on {schema}.external_tasks (acts_at) where acts_at is not null;

-- Which workers have asked for tasks of a step, when last, and for how many: hosts hand out what is limited only to workers that are there.
create table {schema}.external_workers (
    step text not null,
    worker text not null,
    identity text not null,
    version text not null,        -- the only version of the step that it does; '*' means any
    clients text[] not null,      -- whose tasks it may have; '*' means all
    wanted int not null,
    seen_at timestamptz not null,
    primary key (step, worker, identity, version)
);

-- How often deliveries were refused, and why. Nothing else of them is kept, because anybody can send anything.
create table {schema}.refusals (
    hour timestamptz not null,
    reason text not null,
    part smallint not null,       -- 0: hosts count here; else a worker's transaction that is open at the time, so that none waits for another
    times bigint not null,
    last_at timestamptz not null,
    primary key (hour, reason, part)
);

-- States that a new generation replaced.
create table {schema}.state_history (
    bucket smallint not null,
    batch int not null,
    stage smallint not null,
    item int not null,
    generation smallint not null,
    status smallint not null,
    kept_key smallint,            -- the earlier generation whose idempotency key the next one keeps; null: the next one has its own
    tries smallint not null,
    error_class smallint,
    attempt int not null,
    result_attempt int,
    updated_at timestamptz not null,
    replaced_at timestamptz not null,
    error text,
    version int not null,         -- the batch's, raised by the retry: only items that were retried since a version have changed since the batch ended in it
    primary key (bucket, batch, stage, item, generation)
);

-- The limits of vendors for all hosts and workers together. The rate is time that is given away: up to next_at it has owners.
create table {schema}.limits (
    bucket smallint not null,     -- of the hash of the name
    name text not null,           -- client/limit, or */limit for one that all clients share
    next_at timestamptz not null,
    block bigint not null default 0, -- the number of the youngest block
    concurrency int not null default 0, -- how many calls may be in flight; 0: any number. As the youngest block was requested
    failing int not null default 0, -- how often one after the other the vendor failed so much that it was left alone for a time; 0: it answers
    failures int not null default 0, -- failures one after the other on all hosts and workers, without an answer between
    slowdowns int not null default 0, -- pauses one after the other that a vendor asked of external workers, without an answer between
    probe bigint,                 -- the block of the one call that is to tell whether a failing vendor answers again
    paused_until timestamptz,     -- no block is given before
    used_up_at timestamptz,       -- since when the account is used up; null: it is not. Stages without limits have a row only for this
    used_up_until timestamptz,    -- nothing is called before; then one call tells whether more was bought
    used_up_probe smallint,       -- 1: that call is out, for as long
    resumed_at timestamptz,       -- when that ended last: reports of calls that began before no longer count
    primary key (bucket, name)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

create index limits_used_up on {schema}.limits (bucket, name) where used_up_at is not null;

-- Calls given to hosts and workers, evenly from starts_at to ends_at; kept for a while after their end, because a client's share of a limit depends on its
-- past calls.
create table {schema}.permit_blocks (
    bucket smallint not null,
    name text not null,
    block bigint not null,
    client text not null,
    owner text not null,
    calls int not null,
    slots int not null,           -- how many of them count as in flight, until it is returned or has ended
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    until timestamptz not null,   -- renewed by its owner
    returned_at timestamptz,
    primary key (bucket, name, block)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

-- Under which limit a stage sends, as soon as a host has met it.
create table {schema}.stage_limits (
    batch int not null,
    stage smallint not null,
    bucket smallint not null,
    name text not null,
    until_answered boolean not null, -- whether its calls take a place of the limit's concurrency until they are answered, and not only while they are in flight
    primary key (batch, stage)
);

-- Reader: limit_jobs.
create index stage_limits_until_answered on {schema}.stage_limits (bucket, name) where until_answered;

-- Tasks that one host at a time runs, such as pruning: a lease by compare-and-set, and when the task is due next.
create table {schema}.singleton_leases (
    name text primary key,
    owner text,
    until timestamptz,
    due_at timestamptz not null,
    constraint singleton_lease_has_an_end check ((owner is null) = (until is null))
);

create table {schema}.observers (
    one smallint primary key check (one = 1), -- there is one row at most
    since timestamptz not null -- observers are told of batches that ended from then on
);

-- The keys with which the hosts of this store sign the names they give out, so that each of them refuses a forgery before it reads the store. The newest
-- signs once it is two minutes old, all are known. Two random UUIDs have 244 random bits.
create table {schema}.token_keys (
    key smallint primary key,
    secret bytea not null,
    created_at timestamptz not null,
    constraint key_is_a_byte check (key between 1 and 255)
);

insert into {schema}.token_keys (key, secret, created_at) values (1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), clock_timestamp());

-- The manifests of the steps that hosts have shown, so that preflight works on a host without providers.
create table {schema}.step_manifests (
    slug text not null,
    version text not null,
    manifest json not null,
    registered_at timestamptz not null,
    primary key (slug, version)
);

create table {schema}.projections (
    name text primary key,
    number int not null generated always as identity unique, -- in the names of its tables, such as projection_12_v3
    "table" text not null unique, -- the view by which its rows are read; no two projections have one name
    live int not null             -- the version that the view shows
);

-- What a projection's tables were made of. A version that is no longer kept stays here, so that no host takes it for a change once more.
create table {schema}.projection_versions (
    projection text not null,
    version int not null,
    definition text not null,
    fingerprint bytea not null,   -- of the definition and of the evaluator
    evaluator int not null,       -- the version of the evaluator
    status smallint not null,     -- 1 building, 2 live, 3 kept, 4 dropped
    swaps boolean not null,       -- of one that is built: whether it becomes live by itself
    created_at timestamptz not null,
    changed_at timestamptz not null, -- when it got its status
    primary key (projection, version)
);

-- The batches that a version's table holds, and how far each is filled.
create table {schema}.projection_batches (
    projection text not null,
    version int not null,
    batch int not null,
    noted int,                    -- the version of the batch that the table shows as a whole; null: none yet, and the view leaves the batch out
    shown int,                    -- the same, if the batch had ended: the next pass takes only what was retried since
    filling int,                  -- the version at which the pass under way began; null: there is none
    again boolean not null,       -- of that pass: the table may have rows of its items already
    bucket smallint not null,     -- the last item that the pass has done
    item int not null, -- -1: the batch is pruned, and the pass copies its rows from the live table, bucket by bucket
    lists int not null,           -- how often the client's lists had changed when the pass began
    filled text, -- JSON: by stage, how many results the pass has read, and how many have a value at each place; null: not all were read
    counted text, -- JSON: how many rows the table has of the batch, then of each column with cells how many have a value; null: not known
    lists_since int,              -- of that pass: it takes also the items that looked up a value that has changed since this count
    primary key (projection, version, batch)
);

-- Reader: the view of each table, which leaves these batches out.
create index projection_batches_hidden on {schema}.projection_batches (projection, version, batch) where noted is null;

-- The values of a version's lists, which expressions look up: one row for each item that has the value.
create table {schema}.projection_list_values (
    bucket smallint not null,     -- of the value
    projection text not null,
    version int not null,
    client int not null,
    "column" smallint not null,   -- its place among the columns of all lists
    value bytea not null,         -- 16 bytes of the SHA-256 of the value
    batch int not null,
    item int not null,
    primary key (bucket, projection, version, client, "column", value, batch, item)
);

-- Writer: the values that items had.
create index projection_list_items on {schema}.projection_list_values (bucket, projection, version, batch, item);

-- How often the lists of a client have changed.
create table {schema}.projection_lists (
    projection text not null,
    version int not null,
    client int not null,
    changes int not null,
    primary key (projection, version, client)
);

-- The values that a list of a client has gained or lost, each with the count of its last change: rows that looked one up are done again.
create table {schema}.projection_list_changes (
    bucket smallint not null, -- of the value
    projection text not null,
    version int not null,
    client int not null,
    value bytea not null, -- as in projection_list_values
    change int not null,
    primary key (bucket, projection, version, client, value)
);

-- Consolidations of ended batches that failed, until they succeed. Retention does not wait for them.
create table {schema}.projection_failures (
    projection text not null,
    batch int not null,
    error text not null,
    failed_at timestamptz not null,
    primary key (projection, batch)
);

-- Values that could not be cast: the next source of the column served, or the cell is NULL. Also the items that have no row for want of a key.
create table {schema}.projection_issues (
    bucket smallint not null,
    projection text not null,
    version int not null,
    batch int not null,
    item int not null,
    "column" text not null,       -- of a child table: its name, a point, and its column
    source smallint not null,     -- which source of the column had the value, from 1; 0: missing, no_key, long_key
    reason text not null,         -- cast, normalise, compute, unknown_bucket, missing, no_key, long_key, shape, twin
    value text not null,          -- the first 200 characters
    number int not null,          -- among those of the item's children, from 1; 0: of the row itself; -1: of a row folded from several items, whose youngest is named
    child_key bytea,              -- of the child row
    primary key (bucket, projection, version, batch, item, "column", source, number)
);

-- What the answers of a step look like in a batch: places and counts. By it later batches are compared.
create table {schema}.answer_profiles (
    client int not null,
    step text not null,
    version text not null,
    batch int not null,
    answers int not null,
    counts text not null, -- JSON: by place, how many answers have it, have a value there, and have one of each kind
    samples text, -- JSON: by place, a value of each kind; null once the batch is pruned
    primary key (client, step, version, batch)
);

-- What changed in the answers of a step: the inbox of drift.
create table {schema}.drift_findings (
    number int generated always as identity primary key,
    client int not null,
    step text not null,
    version text not null,
    kind smallint not null, -- DriftKind
    path text not null,
    detail text not null,
    status smallint not null, -- DriftStatus
    first_batch int not null,
    last_batch int not null,
    evidence text not null, -- JSON: what was counted in the last batch
    sample text -- a value; null once the last batch is pruned
);

-- Readers: write_drift and read_drift. An accepted change may be found again, from what was accepted on.
create unique index drift_findings_once on {schema}.drift_findings (client, step, version, kind, path, detail) where status <> {drift.accepted};

create index drift_findings_of_a_client on {schema}.drift_findings (client, number);

-- Who took which rows out of a typed table; append-only. A record is written before the first byte is handed over: without an end the export is under way, or broke off.
create table {schema}.exports (
    export bigint generated always as identity primary key,
    id uuid not null unique,
    client text not null,         -- the slug
    projection text not null,
    "table" text not null,        -- the projection's, or a child table
    version int not null,
    batch uuid,                  -- the public id; null: rows of all batches
    filter json,                 -- a condition, with the values that were looked for; null: all rows
    sort json not null,
    columns json not null,
    as_of date not null,
    format text not null,
    actor text not null,
    rows bigint not null,
    bytes bigint not null,
    sha256 bytea not null,        -- of the bytes
    begun_at timestamptz not null,
    ended_at timestamptz         -- when the last byte was handed over
);

-- Reader: read_exports.
create index exports_of_a_client on {schema}.exports (client, export);

-- The clients and steps whose items a role may claim; '*' means all. The owner of the functions may claim everything. Any other role may claim what its own
-- rows and those of its parent roles allow together.
create table {schema}.worker_scopes (
    role text primary key,
    clients text[] not null,      -- slugs
    steps text[] not null         -- slugs
);

-- The views and functions as they are, each with the SHA-256 of its text and the version of all objects with which it was made: an older host leaves newer ones alone.
create table {schema}.schema_objects (
    name text primary key,
    hash text not null,
    version int not null,
    made_at timestamptz not null
);
