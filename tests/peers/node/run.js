import { parseArgs } from 'node:util';
import { measure } from './measurement.js';

const { positionals: [name], values } = parseArgs({ allowPositionals: true, options: { items: { type: 'string' } } });
const items = Number(values.items);
const uri = process.env.PEER_POSTGRES;
if (!['pg-boss', 'graphile-worker', 'dbos'].includes(name) || !Number.isInteger(items) || items < 1 || !uri) {
  console.error('Usage: PEER_POSTGRES=postgresql://user@host:port/database node run.js pg-boss|graphile-worker|dbos --items N');
  process.exit(2);
}

const { default: peer } = await import(`./${name}.js`);
console.log(JSON.stringify(await measure(peer, uri, items)));
process.exit(0); // Some peers keep timers after they are stopped.
