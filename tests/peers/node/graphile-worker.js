import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { inserting } from './results.js';
import { versionOf } from './version.js';

const JOBS = 10;
const LOCAL_QUEUE = 500;
const DELAY_MS = 25;
const CHUNK = 1_000;
const tasks = ['step_1', 'step_2', 'step_3'];
const silent = new Logger(() => () => {});

/** graphile-worker: a job stores its result and enqueues the next one in one statement, by its SQL interface; jobs are fetched and completed in batches. */
export default {
  name: 'graphile-worker',
  version: versionOf('graphile-worker'),
  setting: `${JOBS} jobs at once, local queue ${LOCAL_QUEUE}, completion batched over ${DELAY_MS} ms`,

  async start({ uri, answer, finished, failed }) {
    const utils = await makeWorkerUtils({ connectionString: uri, logger: silent });
    await utils.migrate();
    const runner = await run({
      noHandleSignals: true,
      logger: silent,
      taskList: Object.fromEntries(tasks.map((task, index) => [task, taskOf(index, answer, finished)])),
      preset: {
        worker: {
          connectionString: uri,
          concurrentJobs: JOBS,
          maxPoolSize: JOBS + 2,
          localQueue: { size: LOCAL_QUEUE },
          completeJobBatchDelay: DELAY_MS,
          failJobBatchDelay: DELAY_MS,
        },
      },
    });
    runner.events.on('job:error', ({ error }) => failed(error));
    runner.events.on('pool:fatalError', ({ error }) => failed(error));

    return {
      async enqueue(items) {
        for (let first = 1; first <= items; first += CHUNK) {
          const count = Math.min(CHUNK, items - first + 1);
          await utils.addJobs(Array.from({ length: count }, (_, n) => ({ identifier: tasks[0], payload: { item: first + n } })));
        }
      },
      async stop() {
        await runner.stop();
        await utils.release();
      },
    };
  },
};

/** One statement, and so one commit, for the result and the next job. */
const moveOn = `
  with stored as (insert into results (item, step, data) values ($1, $2, $3) on conflict do nothing)
  select graphile_worker.add_job($4, json_build_object('item', $1::bigint))`;

function taskOf(index, answer, finished) {
  const next = tasks[index + 1];
  return async ({ item }, { query }) => {
    if (next) {
      await query({ name: 'move-on', text: moveOn, values: [item, index + 1, answer, next] });
    } else {
      await query(inserting([item], index + 1, answer));
      finished(1);
    }
  };
}
