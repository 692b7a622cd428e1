/** The house's import rules: only upwards in app.module.ts, only through a folder's index.ts. */
const order = [
  'common',
  'ml',
  'database',
  'artifacts',
  'datasets',
  'feature-sets',
  'model-files',
  'catalogue',
  'templates',
  'executions',
  'events',
  'registry',
  'training',
  'experiments',
  'inference',
  'monitoring',
  'endpoint-reaper',
  'progress',
];
const pure = ['common', 'ml'];
const upwards = order.map((name, at) => ({
  name: `${name}-imports-upwards-only`,
  comment: `src/${name} may import only what stands above it in app.module.ts`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: {
    path: `^src/(${order
      .slice(at + 1)
      .concat('cli')
      .join('|')})/`,
  },
}));
const doors = order
  .filter((name) => !pure.includes(name))
  .map((name) => ({
    name: `${name}-has-one-door`,
    comment: `outside src/${name}, import src/${name}/index.ts only`,
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${name}/` },
    to: { path: `^src/${name}/`, pathNot: `^src/${name}/index\\.ts$` },
  }));
module.exports = {
  forbidden: [
    ...upwards,
    ...doors,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'ml-is-pure',
      comment: 'ml imports no framework and no I/O: the same code runs in a thread, a process and a test',
      severity: 'error',
      from: { path: '^src/ml/' },
      to: {
        path: [
          '^node:(fs|net|http|https|child_process|worker_threads|os)',
          '^(fs|net|http|https|child_process|worker_threads|os)$',
          'node_modules/(@nestjs|dynamoose|@aws-sdk|socket.io|rxjs)/',
        ],
      },
    },
    {
      name: 'worker-imports-no-framework',
      severity: 'error',
      from: { path: '^src/training/worker/' },
      to: { path: 'node_modules/(@nestjs|dynamoose|@aws-sdk|socket.io|rxjs)/' },
    },
    {
      name: 'inference-never-imports-training',
      severity: 'error',
      from: { path: '^src/inference/' },
      to: { path: '^src/training/' },
    },
    {
      name: 'only-repositories-know-the-orm',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/database/' },
      to: { path: 'node_modules/(dynamoose|@aws-sdk)' },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
