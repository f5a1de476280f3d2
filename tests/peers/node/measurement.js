import { readFileSync } from 'node:fs';
import pg from 'pg';

const folder = new URL('../', import.meta.url);
const answer = readFileSync(new URL('answer.json', folder), 'utf8').trim();

/** How long nothing may be finished before a run is given up. */
const PATIENCE_MS = 30_000;

/**
 * Runs W(N, 3) on a peer and says what it cost. Once in the small and unmeasured, so that code is compiled and tables are there; then, after a new start, in
 * full. The peer's connections end before the server's counters are read, because a connection reports its commits at its end.
 */
export async function measure(peer, uri, items) {
  const database = new Observer(uri, uri);
  const server = new Observer(withDatabase(uri, 'postgres'), uri); // Its own commits are counted in another database.
  try {
    await database.query(readFileSync(new URL('results.sql', folder), 'utf8'));
    await run(peer, uri, Math.min(items, 1_000));
    await database.query(peer.forget ?? 'truncate results');
    await expectResults(database, peer, 0);
    await database.query('checkpoint');
    await database.close();
    await server.quiet();
    const before = await server.figures();
    const { enqueued, processed } = await run(peer, uri, items, server);
    await server.quiet();
    const after = await server.figures();
    const transitions = 3 * items;
    await expectResults(database, peer, transitions);
    return {
      peer: peer.name,
      version: peer.version,
      setting: peer.setting,
      items,
      transitions,
      enqueue_seconds: enqueued,
      process_seconds: processed,
      transitions_per_second: transitions / (enqueued + processed),
      commits_per_transition: (after.commits - before.commits) / transitions,
      wal_bytes_per_transition: (after.wal - before.wal) / transitions,
      connections: server.peak,
    };
  } finally {
    await database.close();
    await server.close();
  }
}

async function expectResults(database, peer, expected) {
  const { rows: [{ count }] } = await database.query(peer.results ?? 'select count(*) as count from results');
  if (Number(count) !== expected) {
    throw new Error(`The run is void: ${peer.name} has ${count} results stored where ${expected} should be.`);
  }
}

/** Seconds until the last item was enqueued, and from there until the last result was committed. */
async function run(peer, uri, items, server) {
  const progress = new Progress(items);
  const running = await peer.start({ uri, answer, finished: (count) => progress.add(count), failed: (error) => progress.fail(error) });
  const sampling = server?.sample();
  try {
    const started = performance.now();
    await Promise.race([running.enqueue(items), progress.done]);
    const enqueued = performance.now();
    await progress.done;
    const processed = performance.now();
    return { enqueued: (enqueued - started) / 1000, processed: (processed - enqueued) / 1000 };
  } finally {
    await sampling?.stop();
    await running.stop();
  }
}

/** Counts items that are through their three steps. */
class Progress {
  #left;
  #lastLeft;
  #resolve;
  #watch;

  constructor(items) {
    this.#left = this.#lastLeft = items;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.fail = (error) => { clearInterval(this.#watch); reject(error); };
    });
    this.done.catch(() => {}); // Whoever awaits it hears of it; a failure before that must not end the process.
    this.#watch = setInterval(() => this.#check(), PATIENCE_MS);
  }

  add(count) {
    this.#left -= count;
    if (this.#left === 0) {
      clearInterval(this.#watch);
      this.#resolve();
    }
  }

  #check() {
    if (this.#left === this.#lastLeft) {
      this.fail(new Error(`No item was finished in ${PATIENCE_MS / 1000} s; ${this.#left} are left.`));
    }
    this.#lastLeft = this.#left;
  }
}

/** A connection that looks on. */
class Observer {
  #client;
  #uri;
  #observed;
  peak = 0;

  constructor(uri, observed) {
    this.#uri = uri;
    this.#observed = decodeURIComponent(new URL(observed).pathname.slice(1));
  }

  async query(text, values) {
    if (!this.#client) {
      this.#client = new pg.Client({ connectionString: this.#uri });
      await this.#client.connect();
    }
    return this.#client.query(text, values);
  }

  async figures() {
    const { rows: [row] } = await this.query(
      "select (select xact_commit from pg_stat_database where datname = $1)::bigint as commits, (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint as wal",
      [this.#observed]);
    return { commits: Number(row.commits), wal: Number(row.wal) };
  }

  async connections() {
    const { rows: [row] } = await this.query("select count(*) as count from pg_stat_activity where datname = $1 and backend_type = 'client backend'", [this.#observed]);
    return Number(row.count);
  }

  /** Waits until nobody is connected to the observed database. */
  async quiet() {
    const deadline = performance.now() + 10_000;
    while (await this.connections() > 0) {
      if (performance.now() > deadline) {
        throw new Error('The peer was stopped, but is still connected after 10 s: its commits cannot be counted.');
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Looks for the most connections until stopped. */
  sample() {
    let going = true;
    const loop = (async () => {
      while (going) {
        this.peak = Math.max(this.peak, await this.connections());
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    return { stop: () => { going = false; return loop; } };
  }

  async close() {
    await this.#client?.end();
    this.#client = undefined;
  }
}

function withDatabase(uri, database) {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}
