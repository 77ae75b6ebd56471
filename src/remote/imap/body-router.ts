/**
 * Gives the bodies of FETCH responses to the command that asked for them, and gathers what holds the server back
 * meanwhile. Two fetches may be in flight, and their answers may come interleaved.
 */
import type { FetchAttributes } from '../../wire/imap/response.ts';
import type { CommandInFlight } from './command-in-flight.ts';

/** Routes by UID, which may come behind the body. */
export class BodyRouter {
  readonly #inFlight: () => readonly CommandInFlight[];
  #owner: CommandInFlight | null = null;
  #held: Promise<void>[] = [];

  constructor(inFlight: () => readonly CommandInFlight[]) {
    this.#inFlight = inFlight;
  }

  /** A literal with a body begins. */
  begin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    // A second body of the same response belongs to the same command.
    this.#owner ??= this.#fetching(soFar.uid);
    this.#owner?.handlers.body?.begin(soFar, section, sizeBytes);
  }

  /** A part of it; what its receiver promises is added to what is held. */
  chunk(bytes: Uint8Array): void {
    const held = this.#owner?.handlers.body?.chunk(bytes);
    if (held !== undefined) this.#held.push(held);
  }

  /** The literal has ended. */
  end(): void {
    this.#owner?.handlers.body?.end();
  }

  /** The response around it is whole. */
  complete(attributes: FetchAttributes): void {
    const owner = this.#owner ?? this.#fetching(attributes.uid);
    this.#owner = null;
    const held = owner?.handlers.body?.complete(attributes);
    if (held !== undefined) this.#held.push(held);
  }

  /** What has to resolve before the bytes read so far may be overwritten; null where nothing has. */
  takeHeld(): readonly Promise<void>[] | null {
    if (this.#held.length === 0) return null;
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** The command that asked for the body of this UID; while the UID is not known, the oldest that asked for any. */
  #fetching(uid: number | undefined): CommandInFlight | null {
    let oldest: CommandInFlight | null = null;
    for (const command of this.#inFlight()) {
      const { body } = command.handlers;
      if (body === undefined) continue;
      if (uid === undefined || body.wants(uid)) return command;
      oldest ??= command;
    }
    return oldest;
  }
}
