export * from './template-parameters.js';
