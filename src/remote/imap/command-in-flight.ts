/** A command between its writing and its answer, and how it is written: text and literals, in their order. */
import type { Connection } from '../../net/connection.ts';
import type { CommandHandlers, CommandPart, LiteralPart, Tagged } from './command.ts';
import { Stage } from './stage.ts';

/** What the pipe knows of a command that is not done. */
export interface CommandInFlight {
  readonly tag: string;
  readonly name: string;
  readonly parts: readonly CommandPart[];
  readonly handlers: CommandHandlers;
  readonly resolve: (tagged: Tagged) => void;
  readonly reject: (error: unknown) => void;
  /** Set while a synchronising literal waits; true = go on, false = the command was answered. */
  onContinue: ((go: boolean) => void) | null;
  /** Called when the command is answered or lost. */
  onAnswered: (() => void) | null;
  answered: boolean;
}

/** It is answered or lost: whoever waits in the middle of it goes on. */
export function release(command: CommandInFlight): void {
  command.answered = true;
  command.onContinue?.(false);
  command.onAnswered?.();
}

/** Gives a `+` to the oldest command that waits for one. One that nobody waits for does no harm. */
export function passContinuation(inFlight: readonly CommandInFlight[], text: string): void {
  for (const command of inFlight) {
    if (command.onContinue !== null) {
      const go = command.onContinue;
      command.onContinue = null;
      go(true);
      return;
    }
    if (command.handlers.continuation !== undefined) {
      command.handlers.continuation(text);
      return;
    }
  }
}

/** After so many short commands in a row the large buffers are given up. */
const quietCommands = 64;

/** Writes commands to one connection. It does not know what is answered, but for what `answered` and `failed` say. */
export class CommandWriter {
  readonly #connection: Connection;
  readonly #failed: () => boolean;
  #stages: Uint8Array[] = [];
  #shortCommands = 0;

  /** `failed`: whether the connection has ended; then nothing more is written. */
  constructor(connection: Connection, failed: () => boolean) {
    this.#connection = connection;
    this.#failed = failed;
  }

  /** Resolves when the last byte is written, or as soon as the command was answered before a literal. */
  async write(command: CommandInFlight): Promise<void> {
    const stage = new Stage(this.#connection, this.#stages);
    stage.text(`${command.tag} ${command.name}`);
    for (const part of command.parts) {
      if (typeof part === 'string') stage.text(part);
      else if (part instanceof Uint8Array) await stage.bytes(part);
      else {
        const go = await this.#writeLiteral(command, part, stage);
        if (!go) return;
      }
    }
    stage.text('\r\n');
    stage.flush();
    await stage.drained();
    this.#shortCommands = stage.long ? 0 : this.#shortCommands + 1;
    if (this.#shortCommands === quietCommands) this.#stages.length = 0;
  }

  async #writeLiteral(command: CommandInFlight, part: LiteralPart, stage: Stage): Promise<boolean> {
    stage.text(`${part.binary ? '~' : ''}{${part.sizeBytes}${part.synchronising ? '' : '+'}}\r\n`);
    if (part.synchronising) {
      const go = new Promise<boolean>((resolve) => {
        command.onContinue = resolve;
      });
      stage.flush();
      if (command.answered || this.#failed()) return false;
      if (!(await go)) return false;
    }
    if (command.handlers.progress) command.handlers.progress.literalStarted = true;
    if (part.body instanceof Uint8Array) {
      await stage.bytes(part.body);
      return true;
    }
    stage.flush();
    let sent = 0;
    await part.body((bytes) => {
      sent += bytes.length;
      if (sent > part.sizeBytes) throw new Error('the body is longer than was announced');
      return this.#connection.write(bytes);
    });
    if (sent !== part.sizeBytes) throw new Error('the body is shorter than was announced');
    return !this.#failed();
  }
}
