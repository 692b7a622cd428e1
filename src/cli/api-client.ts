/** A thin client of the HTTP API: what anybody would write with fetch. */
export class ApiClient {
  constructor(private readonly url: string) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  post<Answer>(path: string, body: unknown = {}): Promise<Answer> {
    return this.request('POST', path, JSON.stringify(body), 'application/json');
  }

  /** Sends a text body such as CSV. */
  upload<Answer>(path: string, content: Uint8Array, contentType: string): Promise<Answer> {
    return this.request('POST', path, content, contentType);
  }

  async bytes(path: string): Promise<Uint8Array> {
    const response = await fetch(`${this.url}/api/v1${path}`);
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** The status of a request that may fail, and its body. */
  async status(path: string): Promise<number> {
    return (await fetch(`${this.url}/api/v1${path}`)).status;
  }

  private async request<Answer>(
    method: string,
    path: string,
    body?: string | Uint8Array,
    contentType?: string,
  ): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: body }),
      headers: contentType === undefined ? {} : { 'content-type': contentType },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  }
}
