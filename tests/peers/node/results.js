/** The statement that stores the answer of one step for some items, to be run in the peer's own transaction. */
export const inserting = (items, step, answer) => ({
  name: 'store',
  text: 'insert into results (item, step, data) select item, $2, $3 from unnest($1::bigint[]) item on conflict do nothing',
  values: [items, step, answer],
});
