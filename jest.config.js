/**
 * Tests import the build (`#src/…` is `dist/…`, see "imports" in package.json), because worker threads and child
 * processes start from compiled files: what is tested is what ships. Only the tests themselves are transformed.
 */
export default {
  testEnvironment: './test/support/environment.js',
  setupFiles: ['./test/support/property-seed.js'],
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  modulePathIgnorePatterns: ['<rootDir>/dist/package.json'],
  testTimeout: 180_000,
  maxWorkers: 2,
};
