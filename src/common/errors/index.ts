export * from './error-codes.js';
export * from './trainyard-error.js';
export * from './error-codec.js';
