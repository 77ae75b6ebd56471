/**
 * A password or token. It prints as `***` wherever it is logged, joined or serialised; only `reveal()` gives the
 * value, and is called at the one place that writes it to the server.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}
