import type { FormedError, Problem } from '../../common/http/index.js';

/** Names of errors by the status of the problem, as AWS' clients know them. */
const NAMED: Readonly<Record<number, { readonly type: string; readonly status: number }>> = {
  401: { type: 'UnrecognizedClientException', status: 403 },
  403: { type: 'AccessDeniedException', status: 403 },
  429: { type: 'ThrottlingException', status: 429 },
  503: { type: 'ServiceUnavailable', status: 503 },
  500: { type: 'InternalFailure', status: 500 },
  // What keeps a request from reaching the model: nobody is asked, nothing is stored.
  400: { type: 'ValidationError', status: 400 },
  404: { type: 'ValidationError', status: 400 },
  413: { type: 'ValidationError', status: 400 },
  415: { type: 'ValidationError', status: 400 },
};

/**
 * A problem as SageMaker Runtime puts it: `{Message}` and its name in a header. What the model itself refuses, such as a
 * window that is too short, is a `ModelError` with the problem as its original message.
 */
export function sageMakerError(problem: Problem, status: number): FormedError {
  const { type, status: answered } = NAMED[status] ?? { type: 'ModelError', status: 424 };
  const headers = {
    'x-amzn-errortype': type,
    'x-amzn-RequestId': problem.requestId,
    'Content-Type': 'application/json',
  };
  if (type !== 'ModelError') return { status: answered, headers, body: { Message: problem.message } };
  const { code, message, details } = problem;
  return {
    status: answered,
    headers,
    body: {
      Message: `The model answered ${status}: ${message}`,
      OriginalStatusCode: status,
      OriginalMessage: JSON.stringify({ code, message, details }),
    },
  };
}
