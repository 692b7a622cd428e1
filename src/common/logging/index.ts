export * from './logging.module.js';
export * from './service-logger.js';
