/** One file as it arrives; its bytes are to be taken before the next file comes. */
export interface UploadedFile {
  /** As the client calls it; null for a raw body. Never used as a path. */
  readonly name: string | null;
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
}
