import { DBOS } from '@dbos-inc/dbos-sdk';
import { versionOf } from './version.js';

const CONCURRENT = 20;

let job;
const step = (name) => DBOS.runStep(async () => JSON.parse(job.answer), { name });
const enrich = DBOS.registerWorkflow(async () => {
  await step('step_1');
  await step('step_2');
  await step('step_3');
}, { name: 'enrich' });

/** DBOS: a workflow of three steps an item. What a step returns is stored by DBOS itself, which is its table of results: nothing is written twice. */
export default {
  name: 'dbos',
  version: versionOf('@dbos-inc/dbos-sdk'),
  setting: `a workflow of 3 steps, ${CONCURRENT} at once`,
  results: "select count(*) as count from dbos.operation_outputs where output like '%Example Company 1234%'",
  forget: 'truncate dbos.workflow_status, dbos.operation_outputs cascade',

  async start({ uri, answer, finished, failed }) {
    job = { answer };
    DBOS.setConfig({ name: 'peers', systemDatabaseUrl: uri, systemDatabasePoolSize: CONCURRENT, logLevel: 'error' });
    await DBOS.launch();

    return {
      /** Starting a workflow makes it durable and runs it: nothing is enqueued apart from that. */
      async enqueue(items) {
        let next = 1;
        const lane = async () => {
          while (next <= items) {
            const handle = await DBOS.startWorkflow(enrich, { workflowID: `item-${next++}` })();
            await handle.getResult();
            finished(1);
          }
        };
        Promise.all(Array.from({ length: CONCURRENT }, lane)).catch(failed);
      },
      stop: () => DBOS.shutdown(),
    };
  },
};
