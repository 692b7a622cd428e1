import { TrainyardError } from '../../common/errors/index.js';

/** Longest element, in characters: a record that is longer is not one of a table. */
const ELEMENT_LIMIT = 1024 * 1024;
/** A row has a level or two; whatever reads more deeply nested data would be recursive. */
const DEPTH_LIMIT = 16;

/** What the parts of a document are handed to, in their order. */
export interface JsonListener {
  /** `[` or `{` begins the document, or the value of `key` in it. */
  open(key: string | null, bracket: '[' | '{'): void;
  /** An element of the array, or a member (`member` is its name) of the object that was opened last. */
  element(value: unknown, member: string | null): void;
  /** A value of the document's object that is no container. */
  scalar(key: string, value: unknown): void;
  close(key: string | null): void;
}

type Expecting = 'value' | 'first' | 'key' | 'colon' | 'comma' | 'end';

/**
 * Splits one JSON document, as its text arrives, into the elements of its array, or, if it is an object, into the elements
 * of the containers in it. Only one element is held at a time. NaN is read as null, as Python writes it, and integers
 * beyond 2^53 as text, so that counts of nanoseconds keep their digits.
 */
export class JsonElements {
  private text = '';
  private at = 0;
  /** Open containers: the document, and the value of one of its keys. */
  private readonly open: { readonly bracket: '[' | '{'; readonly key: string | null }[] = [];
  private expecting: Expecting = 'value';
  private key: string | null = null;
  private elements = 0;

  constructor(private readonly listener: JsonListener) {}

  push(text: string): void {
    this.text = this.text.slice(this.at) + text;
    this.at = 0;
    this.read(false);
  }

  end(): void {
    this.read(true);
    if (this.expecting === 'end') return;
    const message =
      this.open.length === 0 && this.expecting === 'value' ? 'the document is empty' : 'the document breaks off';
    throw this.invalid(message);
  }

  private read(final: boolean): void {
    for (;;) {
      while (isSpace(this.text.charCodeAt(this.at))) this.at++;
      if (this.at >= this.text.length) return;
      if (!this.step(this.text.charAt(this.at), final)) {
        if (this.text.length - this.at > ELEMENT_LIMIT) throw this.tooLong();
        return;
      }
    }
  }

  /** False when more text is needed. */
  private step(char: string, final: boolean): boolean {
    if (this.expecting === 'end') throw this.invalid('something follows its end');
    const container = this.open.at(-1);
    if (container !== undefined && (this.expecting === 'comma' || this.expecting === 'first')) {
      if (char === (container.bracket === '[' ? ']' : '}')) return this.closeContainer();
      if (this.expecting === 'first') this.expecting = container.bracket === '[' ? 'value' : 'key';
      else {
        if (char !== ',')
          throw this.invalid(
            `"${char}" stands where "," or the end of the ${container.bracket === '[' ? 'array' : 'object'} belongs`,
          );
        this.at++;
        this.expecting = container.bracket === '[' ? 'value' : 'key';
        return true;
      }
    }
    if (this.expecting === 'colon') {
      if (char !== ':') throw this.invalid('":" is missing after a name');
      this.at++;
      this.expecting = 'value';
      return true;
    }
    return this.expecting === 'key' ? this.readKey(char) : this.readValue(char, final);
  }

  private readKey(char: string): boolean {
    if (char !== '"') throw this.invalid(`"${char}" stands where a name in quotes belongs`);
    const end = this.stringEnd(this.at);
    if (end < 0) return false;
    this.key = this.parse(this.text.slice(this.at, end)) as string;
    this.at = end;
    this.expecting = 'colon';
    return true;
  }

  private readValue(char: string, final: boolean): boolean {
    const isContainer = char === '[' || char === '{';
    const outer = this.open.length;
    // The document, and in an object each container: those are entered, everything else is read as a whole.
    if (isContainer && (outer === 0 || (outer === 1 && this.open[0]?.bracket === '{'))) {
      this.open.push({ bracket: char, key: this.key });
      this.listener.open(outer === 0 ? null : this.key, char);
      this.at++;
      this.expecting = 'first';
      return true;
    }
    if (outer === 0) throw this.invalid('it is neither an array nor an object');
    const end = isContainer ? this.containerEnd() : char === '"' ? this.stringEnd(this.at) : this.primitiveEnd(final);
    if (end < 0) return false;
    if (end - this.at > ELEMENT_LIMIT) throw this.tooLong();
    const value = this.parse(this.text.slice(this.at, end));
    this.at = end;
    this.expecting = 'comma';
    this.elements++;
    const container = this.open.at(-1);
    if (outer === 1 && container?.bracket === '{') this.listener.scalar(this.key ?? '', value);
    else this.listener.element(value, container?.bracket === '{' ? this.key : null);
    return true;
  }

  private closeContainer(): true {
    const closed = this.open.pop();
    this.at++;
    this.expecting = this.open.length === 0 ? 'end' : 'comma';
    this.listener.close(this.open.length === 0 ? null : (closed?.key ?? null));
    return true;
  }

  private stringEnd(start: number): number {
    for (let at = this.text.indexOf('"', start + 1); at >= 0; at = this.text.indexOf('"', at + 1)) {
      let slashes = 0;
      while (this.text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
      if (slashes % 2 === 0) return at + 1;
    }
    return -1;
  }

  private containerEnd(): number {
    let depth = 0;
    for (let at = this.at; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === QUOTE) {
        const end = this.stringEnd(at);
        if (end < 0) return -1;
        at = end - 1;
      } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
        if (++depth > DEPTH_LIMIT) {
          throw this.invalid(
            `record ${this.elements + 1} is nested more than ${DEPTH_LIMIT} levels deep, and a row has one`,
          );
        }
      } else if ((code === CLOSE_ARRAY || code === CLOSE_OBJECT) && --depth === 0) return at + 1;
    }
    return -1;
  }

  private primitiveEnd(final: boolean): number {
    for (let at = this.at; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || isSpace(code)) return at;
    }
    return final ? this.text.length : -1;
  }

  private parse(text: string): unknown {
    try {
      return parseElement(text);
    } catch {
      const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
      throw this.invalid(`record ${this.elements + 1} cannot be read: ${shown}`);
    }
  }

  private tooLong(): TrainyardError {
    return new TrainyardError(
      'DATASET_FORMAT_INVALID',
      `record ${this.elements + 1} has more than ${ELEMENT_LIMIT} characters: is this a table?`,
      { record: this.elements + 1, limit: ELEMENT_LIMIT },
    );
  }

  private invalid(what: string): TrainyardError {
    return new TrainyardError('DATASET_FORMAT_INVALID', `the JSON is not valid: ${what}; ${SHAPES}`, {
      record: this.elements + 1,
    });
  }
}

export const SHAPES =
  'send an array of records, {"columns": […], "data": [[…], …]}, or an object with an array for each column';

const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

const NEEDS_REPAIR = /NaN|Infinity|\d{16}/;
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** JSON, and what Python's `json` writes beside it. Infinity stays a number that no check lets through. */
export function parseElement(text: string): unknown {
  if (!NEEDS_REPAIR.test(text)) return JSON.parse(text);
  return JSON.parse(
    text.replace(TOKENS, (token) => {
      if (token.startsWith('"')) return token;
      if (token === 'NaN') return 'null';
      if (token.endsWith('y')) return token.startsWith('-') ? '-1e999' : '1e999';
      return Number.isSafeInteger(Number(token)) ? token : `"${token}"`;
    }),
  );
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
