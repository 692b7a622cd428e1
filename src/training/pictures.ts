import type { ChartSpec } from '../ml/plots/theme.js';
import type { WorkerArtifact } from './worker/protocol.js';

const PNG_TYPE = 'image/png';

type Picture = Omit<WorkerArtifact, 'content'> & { readonly content: Uint8Array | Promise<Uint8Array> };

/** The pictures of a training, each drawn from when its chart is known while the training goes on, and files that belong to them. */
export class Pictures {
  private readonly begun: Picture[] = [];

  begin(name: string, spec: ChartSpec): void {
    const content = drawPicture(spec);
    // A training that fails meanwhile does not come to ask; one that does is told by `drawn`.
    content.catch(() => undefined);
    this.begun.push({ name, contentType: PNG_TYPE, content });
  }

  add(file: WorkerArtifact): void {
    this.begun.push(file);
  }

  /** In the order they were begun, as those that `drawn` gives. */
  get names(): string[] {
    return this.begun.map(({ name }) => name);
  }

  /** Waits for all. */
  async drawn(): Promise<WorkerArtifact[]> {
    return Promise.all(this.begun.map(async (picture) => ({ ...picture, content: await picture.content })));
  }
}

/** What draws takes long to load: a training that fails or is cancelled never waits for it. */
async function drawPicture(spec: ChartSpec): Promise<Uint8Array> {
  const { renderPicture } = await import('./worker/picture.js');
  return renderPicture(spec);
}
