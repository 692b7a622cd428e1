import type { Transform } from './transform.js';

/** The identity: values go into the model in their own units. Returns copies, as every transform does. */
export const none: Transform = {
  name: 'none',
  title: 'None',
  description: 'Leaves values as they are.',
  parameters: {},
  fit: () => ({}),
  transform: (values) => values.slice(),
  inverse: (values) => values.slice(),
};
