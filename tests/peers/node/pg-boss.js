import PgBoss from 'pg-boss';
import pg from 'pg';
import { inserting } from './results.js';
import { versionOf } from './version.js';

const BATCH = 1_000;
const queues = ['step_1', 'step_2', 'step_3'];

/** pg-boss, batched: a handler gets a batch, and stores its results and enqueues its next jobs in one transaction. */
export default {
  name: 'pg-boss',
  version: versionOf('pg-boss'),
  setting: `a queue per step, a worker each, batch ${BATCH}`,

  async start({ uri, answer, finished, failed }) {
    const boss = new PgBoss({ connectionString: uri });
    const pool = new pg.Pool({ connectionString: uri, max: queues.length });
    boss.on('error', failed);
    await boss.start();
    for (const queue of queues) {
      await boss.createQueue(queue);
    }

    for (const [index, queue] of queues.entries()) {
      const worker = await boss.work(queue, { batchSize: BATCH, pollingIntervalSeconds: 0.5, priority: false }, async (jobs) => {
        await inTransaction(pool, async (client) => {
          await client.query(inserting(jobs.map((job) => job.data.item), index + 1, answer));
          const next = queues[index + 1];
          if (next) {
            await boss.insert(jobs.map((job) => ({ name: next, data: job.data })), { db: { executeSql: (text, values) => client.query(text, values) } });
          }
        });
        if (index === queues.length - 1) {
          finished(jobs.length);
        }
        boss.notifyWorker(worker); // There may be more: do not wait out the polling interval.
      });
    }

    return {
      async enqueue(items) {
        for (let first = 1; first <= items; first += BATCH) {
          const count = Math.min(BATCH, items - first + 1);
          await boss.insert(Array.from({ length: count }, (_, n) => ({ name: queues[0], data: { item: first + n } })));
        }
      },
      async stop() {
        await boss.stop({ graceful: true, wait: true, timeout: 10_000 });
        await pool.end();
      },
    };
  },
};

async function inTransaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
