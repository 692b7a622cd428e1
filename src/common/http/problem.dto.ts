/** The body of every error. */
export class Problem {
  /** What a program branches on, from one table of codes. */
  code!: string;
  /** What a person can act on: the value, the limit and the remedy. */
  message!: string;
  /** Further facts, by code. */
  details!: Record<string, unknown>;
  /** Names this request in the service's logs. */
  requestId!: string;
}
