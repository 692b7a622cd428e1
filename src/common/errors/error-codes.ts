/**
 * The one table of expected failures. A code is what a program branches on, the status is what HTTP answers with, and
 * the sentence says what is wrong in general; `TrainyardError.message` says it for the case at hand, with value, limit
 * and remedy. Bugs are plain errors and have no code.
 */
export const ERROR_CODES = {
  // requests
  VALIDATION_FAILED: { status: 400, title: 'The request does not fit its schema' },
  MALFORMED_BODY: { status: 400, title: 'The body cannot be read' },
  UNAUTHENTICATED: { status: 401, title: 'An API key is required' },
  FORBIDDEN: { status: 403, title: 'The API key does not have the role this needs' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address' },
  CONFLICT: { status: 409, title: 'The resource was changed by somebody else meanwhile' },
  PRECONDITION_FAILED: { status: 412, title: 'If-Match does not name the current version' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is larger than the limit' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not supported' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The idempotency key was used for another request' },
  LIMIT_EXCEEDED: { status: 422, title: 'A limit of this installation is exceeded' },
  CURSOR_INVALID: { status: 400, title: 'The paging cursor is not one of ours' },
  STORAGE_UNAVAILABLE: { status: 503, title: 'The database does not answer' },

  // datasets
  DATASET_NOT_FOUND: { status: 404, title: 'There is no such dataset or dataset version' },
  DATASET_IN_USE: { status: 409, title: 'The dataset is used and cannot be deleted' },
  DATASET_EMPTY: { status: 422, title: 'The data has no rows' },
  DATASET_FORMAT_INVALID: { status: 422, title: 'The data cannot be read in the stated format' },
  ROWS_REJECTED: { status: 422, title: 'Rows were rejected; nothing was imported' },
  TIMESTAMP_INVALID: { status: 422, title: 'A timestamp cannot be read' },
  TIMESTAMP_DUPLICATE: { status: 422, title: 'Two rows of one asset have the same timestamp' },
  TIMESTAMP_UNSORTED: { status: 422, title: 'Timestamps are not in ascending order' },
  TIME_ZONES_MIXED: { status: 422, title: 'Timestamps with and without a time zone, or of several zones, are mixed' },
  VALUE_NOT_FINITE: { status: 422, title: 'A value is not a finite number' },
  COLUMN_UNKNOWN: { status: 422, title: 'There is no such column' },
  ASSET_UNKNOWN: { status: 422, title: 'There is no such asset in the dataset version' },
  ASSET_DUPLICATE: { status: 422, title: 'An asset is in more than one file' },
  APPEND_NOT_AFTER: { status: 422, title: 'Appended rows must come after the last row of their asset' },

  // feature sets
  FEATURE_SET_NOT_FOUND: { status: 404, title: 'There is no such feature set' },
  FEATURE_SET_OUTDATED: { status: 409, title: 'The steps of the feature set have changed since it was made' },

  // templates and parameters
  TEMPLATE_NOT_FOUND: { status: 404, title: 'There is no such template or template version' },
  TEMPLATE_IN_USE: { status: 409, title: 'The template is used by executions and cannot be deleted' },
  PARAMETER_INVALID: { status: 422, title: 'A parameter is outside its declared range' },
  OVERRIDE_UNKNOWN: { status: 422, title: 'An override names a field that templates do not have' },
  ALGORITHM_UNKNOWN: { status: 422, title: 'There is no algorithm of this name' },
  FEATURE_STEP_UNKNOWN: { status: 422, title: 'There is no feature step of this name' },
  TRANSFORM_UNKNOWN: { status: 422, title: 'There is no transform of this name' },

  // series against the template
  SERIES_EMPTY: { status: 422, title: 'A series has no observed value' },
  SERIES_CONSTANT: { status: 422, title: 'A target series is constant in the training part' },
  SERIES_TOO_SHORT: { status: 422, title: 'A part is shorter than look-back + horizon' },
  RANGE_INVERTED: { status: 422, title: 'An end lies before its start' },
  TEST_INSIDE_TRAIN: { status: 422, title: 'The test window overlaps the training window' },
  WINDOWS_NONE: { status: 422, title: 'Gaps leave no complete window in a part' },
  BACKTEST_DOES_NOT_FIT: { status: 422, title: 'The rows do not hold the windows of the backtest' },

  // executions and training
  EXECUTION_NOT_FOUND: { status: 404, title: 'There is no such execution' },
  EXECUTION_STATE: { status: 409, title: 'The execution is not in a state that allows this' },
  EXECUTION_IN_USE: { status: 409, title: 'A model refers to the execution and it cannot be deleted' },
  TRANSITION_ILLEGAL: { status: 409, title: 'The execution cannot go from its state to that one' },
  QUEUE_FULL: { status: 429, title: 'Too many executions are waiting' },
  CANCELLED: { status: 409, title: 'The execution was cancelled' },
  WARM_START_MISMATCH: { status: 422, title: 'The origin of a warm start does not fit the training' },
  ENSEMBLE_MISMATCH: { status: 422, title: 'The members of an ensemble do not fit each other' },
  LOOK_AHEAD: { status: 422, title: 'A model that is built upon has learned from rows that would score the new one' },
  LOSS_NOT_FINITE: { status: 422, title: 'The training loss is not finite' },
  FORECAST_NOT_FINITE: { status: 422, title: 'The model forecasts a value that is not finite' },
  ENGINE_UNAVAILABLE: { status: 422, title: 'The requested engine cannot run here' },
  INTERRUPTED_TOO_OFTEN: { status: 500, title: 'The execution was interrupted again and again without progress' },
  WORKER_DIED: { status: 500, title: 'The worker ended without an answer' },

  // registry, endpoints, predictions
  MODEL_NOT_FOUND: { status: 404, title: 'There is no such model or model version' },
  MODEL_IN_USE: { status: 409, title: 'An endpoint serves this model version' },
  ALIAS_INVALID: { status: 422, title: 'The name cannot be an alias' },
  APPROVAL_REASON_MISSING: { status: 422, title: 'The decision needs a reason' },
  MODEL_NOT_APPROVED: { status: 409, title: 'The model version is not approved for production' },
  ENDPOINT_NOT_FOUND: { status: 404, title: 'There is no such endpoint' },
  ENDPOINT_BUSY: { status: 429, title: 'The endpoint answers as many requests as it may' },
  FORECAST_TIMEOUT: { status: 504, title: 'The forecast took too long' },
  ENDPOINT_NOT_READY: { status: 503, title: 'The endpoint cannot answer' },
  ENDPOINT_EXISTS: { status: 409, title: 'An endpoint of this name exists' },
  VARIANTS_INVALID: { status: 422, title: 'The variants cannot be deployed together' },
  VARIANT_UNKNOWN: { status: 404, title: 'The endpoint has no variant of this name' },
  SWEEP_UNDER_WAY: { status: 409, title: 'Another process sweeps the endpoints' },
  FUTURE_MISSING: { status: 422, title: 'A known-future covariate has no value at a forecast row' },
  WINDOW_INVALID: { status: 422, title: 'The input window does not fit the model' },
  HORIZON_TOO_LONG: { status: 422, title: 'The model forecasts fewer steps' },
  TARGET_UNKNOWN: { status: 422, title: 'The model does not forecast this asset' },
  QUANTILE_UNKNOWN: { status: 422, title: 'The model has no such quantile' },
  WEBHOOK_NOT_FOUND: { status: 404, title: 'There is no such webhook or delivery' },
  WEBHOOK_URL_REFUSED: { status: 422, title: 'Events cannot be sent to this URL' },
  PREDICTIONS_WAITING: { status: 503, title: 'Too many predictions wait to be stored' },
  PREDICTION_NOT_FOUND: { status: 404, title: 'There is no such prediction' },

  // monitoring
  BATCH_NOT_FOUND: { status: 404, title: 'There is no such batch forecast' },
  BATCH_STATE: { status: 409, title: 'The batch forecast is not in a state that allows this' },
  MONITOR_NOT_FOUND: { status: 404, title: 'The endpoint has no monitor' },
  MONITOR_RUNNING: { status: 409, title: 'The monitor is running' },
  ACTUALS_INVALID: { status: 422, title: 'The posted values do not fit the endpoint' },

  // artifacts
  ARTIFACT_NOT_FOUND: { status: 404, title: 'There is no such artifact' },
  ARTIFACT_CORRUPT: { status: 500, title: 'Stored bytes do not have the recorded checksum' },
  MODEL_FILE_UNREADABLE: { status: 422, title: 'The model file is damaged or holds what this version cannot read' },

  MODEL_FILE_MISMATCH: { status: 422, title: 'The model file does not fit the windows of the template' },
  MODEL_FILE_NOT_FOUND: { status: 404, title: 'There is no such model file' },
  MODEL_FILE_IN_USE: { status: 409, title: 'Executions use the model file and it cannot be deleted' },

  // start-up
  FONT_UNAVAILABLE: { status: 500, title: 'The font for pictures cannot be used' },
  CONFIG_INVALID: { status: 500, title: 'The configuration is not valid' },
  DATABASE_START_FAILED: { status: 500, title: 'The embedded database did not start' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
