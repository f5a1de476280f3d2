-- Where every peer stores what its steps answer. The key makes a step that runs twice, as any of them may, store once.
create table results (
    item bigint not null,
    step smallint not null,
    data jsonb not null,
    primary key (item, step)
);
