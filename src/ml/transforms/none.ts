import type { ElementWiseTransform } from './transform.js';

/** The identity: values go into the model in their own units. Returns copies, as every transform does. */
export const none: ElementWiseTransform = {
  kind: 'element-wise',
  name: 'none',
  title: 'None',
  description: 'Leaves values as they are.',
  parameters: {},
  appliesTo: 'any',
  fit: () => ({}),
  transform: (values) => values.slice(),
  inverse: (values) => values.slice(),
};
