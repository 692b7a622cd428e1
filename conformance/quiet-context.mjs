/** What a training asks of its surroundings, where nobody watches it. */
export const quietContext = {
  seed: 1,
  engine: 'auto',
  isCancelled: () => false,
  elapsedMs: () => 0,
  maxRuntimeMs: null,
  breathe: async () => {},
  onProgress() {},
  onEpoch() {},
  onCheckpoint() {},
  checkpointEveryEpochs: 1,
  resumeFrom: null,
  log() {},
};
