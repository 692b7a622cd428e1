import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadHdf5 } from '../../ml/export/hdf5-file.js';

/** What a training needs at its end only, and what takes longest to load: the chart renderer, and files of Keras. */
const NEEDED_LAST: readonly (() => Promise<unknown>)[] = [
  async () => (await import('./picture.js')).expectPictures(),
  loadHdf5,
];

/**
 * Loads for a job that has yet to come, and leaves the rest to the job once it is there: it may fail, or be cancelled,
 * before it draws anything.
 */
export async function loadWhileWaiting(hasJob: () => boolean): Promise<void> {
  for (const load of NEEDED_LAST) {
    // A job that is there already is told of first.
    await nextTurn();
    if (hasJob()) return;
    // What cannot be loaded is said by the training that needs it.
    await load().catch(() => undefined);
  }
}
