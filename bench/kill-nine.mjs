// kill -9 of the service during a training and during an import, N times each (default 10):
//   npm run build && node bench/kill-nine.mjs [N] [training | import]
// Ends with exit code 1 when anything acknowledged is lost, the database does not open, or the model that was trained
// through all the kills differs by a byte from one trained without.
import assert from 'node:assert/strict';
import {
  ApiClient,
  freshInstallation,
  prepareTraining,
  sleep,
  startService,
  syntheticCsv,
  waitUntilEnded,
} from './support.mjs';

const rounds = Number(process.argv[2] ?? 10);
const only = process.argv[3];
const installation = freshInstallation();
let service = await startService(installation.environment);
let api = new ApiClient(service.url);

async function restart() {
  const begin = performance.now();
  service = await startService(installation.environment);
  api = new ApiClient(service.url);
  return performance.now() - begin;
}

async function killDuringTraining() {
  const { template } = await prepareTraining(api, { epochs: 4 * rounds });
  const { executionId: calm } = await api.post('/executions', { templateId: template.templateId });
  const reference = await waitUntilEnded(api, calm);
  assert.equal(reference.status, 'SUCCEEDED', JSON.stringify(reference.error));
  console.log(
    `undisturbed: ${reference.iterations} epochs in ${reference.runtimeMs} ms, model ${reference.modelSha256}`,
  );

  const { executionId } = await api.post('/executions', { templateId: template.templateId });
  const perEpochMs = reference.runtimeMs / reference.iterations;
  for (let round = 1; round <= rounds; round++) {
    let before;
    for (;;) {
      before = await api.get(`/executions/${executionId}`);
      assert.notEqual(before.status, 'SUCCEEDED', 'it ended before it was killed often enough: more epochs needed');
      if (before.status === 'TRAINING' && before.checkpointEpoch >= Math.min(round * 2, 4 * rounds - 2)) break;
      await sleep(50);
    }
    await sleep(Math.random() * perEpochMs * 2);
    const acknowledged = (await api.get(`/executions/${executionId}/epochs?limit=500`)).items.length;
    await service.kill();
    const startMs = await restart();
    const after = await api.get(`/executions/${executionId}`);
    const epochs = (await api.get(`/executions/${executionId}/epochs?limit=500`)).items.length;
    assert.ok(epochs >= acknowledged, `round ${round}: ${acknowledged} epochs were acknowledged, ${epochs} are there`);
    assert.ok(after.checkpointEpoch >= before.checkpointEpoch, `round ${round}: the checkpoint went back`);
    console.log(
      `training, kill ${round}: checkpoint ${after.checkpointEpoch}, ${after.status}, up again in ${startMs.toFixed(0)} ms`,
    );
  }
  const execution = await waitUntilEnded(api, executionId);
  assert.equal(execution.status, 'SUCCEEDED', JSON.stringify(execution.error));
  assert.equal(execution.modelSha256, reference.modelSha256, 'the model differs from the undisturbed one');
  assert.deepEqual(execution.metrics, reference.metrics);
  console.log(
    `training: SUCCEEDED after ${execution.interruptions} interruptions, model ${execution.modelSha256}: same bytes`,
  );
}

async function killDuringImport() {
  const csv = syntheticCsv(150_000, 5);
  const imported = new Map();
  for (let round = 1; round <= rounds; round++) {
    const name = `import-${round}`;
    const answer = api
      .upload(`/datasets?name=${name}&layout=wide&columnsAs=columns&asset=a`, csv, 'text/csv')
      .catch(() => null);
    // From the first bytes to beyond the end: some imports are acknowledged before the kill, most are not.
    const dataset = await Promise.race([answer, sleep(50 + Math.random() * 2_500).then(() => null)]);
    if (dataset !== null) imported.set(dataset.datasetId, dataset.version);
    await service.kill();
    const startMs = await restart();
    const visible = (await api.get('/datasets?limit=500')).items;
    for (const datasetId of imported.keys()) {
      assert.ok(
        visible.some((item) => item.datasetId === datasetId),
        `round ${round}: ${datasetId} is lost`,
      );
    }
    for (const { datasetId } of visible) {
      const { newestVersion } = await api.get(`/datasets/${datasetId}`);
      const version = await api.get(`/datasets/${datasetId}/versions/${newestVersion}`);
      const rows = version.assets.reduce((sum, asset) => sum + asset.rows, 0);
      assert.ok(
        rows === 150_000 || rows === 3 * 4_000,
        `round ${round}: ${datasetId} has ${rows} rows: half an import`,
      );
    }
    console.log(
      `import, kill ${round}: ${dataset === null ? 'not acknowledged' : 'acknowledged'}, ${visible.length} datasets, all whole; up again in ${startMs.toFixed(0)} ms`,
    );
  }
}

try {
  if (only !== 'import') await killDuringTraining();
  if (only !== 'training') await killDuringImport();
  console.log(`ok: ${rounds} kills each`);
} finally {
  await service.stop().catch(() => {});
  installation.remove();
}
