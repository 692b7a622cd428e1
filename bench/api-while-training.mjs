// Latency of GET /executions while two trainings run:
//   npm run build && node bench/api-while-training.mjs [requests]
import { ApiClient, freshInstallation, percentile, prepareTraining, sleep, startService } from './support.mjs';

const requests = Number(process.argv[2] ?? 1_000);
const installation = freshInstallation({ TRAINYARD_TRAINING_CONCURRENCY: '2' });
const service = await startService(installation.environment);
const api = new ApiClient(service.url);

async function measure(label) {
  const times = [];
  for (let at = 0; at < requests; at++) {
    const begin = performance.now();
    await api.get('/executions?limit=20');
    times.push(performance.now() - begin);
    await sleep(5);
  }
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(times, share).toFixed(1));
  console.log(`${label}: ${requests} requests, p50 ${p50} ms, p99 ${p99} ms, max ${Math.max(...times).toFixed(1)} ms`);
}

try {
  const { template } = await prepareTraining(api, { rows: 8_000, epochs: 500 });
  await measure('idle');
  const started = [];
  for (let at = 0; at < 2; at++) {
    const overrides = { training: { seed: at + 1 } };
    started.push((await api.post('/executions', { templateId: template.templateId, overrides })).executionId);
  }
  for (const id of started) while ((await api.get(`/executions/${id}`)).status !== 'TRAINING') await sleep(100);
  await measure('two trainings');
  for (const id of started) {
    const begin = performance.now();
    await api.post(`/executions/${id}/cancel`);
    while ((await api.get(`/executions/${id}`)).status !== 'CANCELLED') await sleep(5);
    console.log(`cancelled within ${(performance.now() - begin).toFixed(0)} ms`);
  }
} finally {
  await service.stop();
  installation.remove();
}
