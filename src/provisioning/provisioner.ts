/**
 * The port to the new side: whoever can make accounts there implements it. What an adapter cannot know it does not guess; what
 * it says in an error is the answer of the other side without secrets, and whether trying again can help.
 */
import type { Secret } from '../base/secret.ts';

/** What is to be on new. */
export interface NewSideAccount {
  readonly id: string;
  readonly address: string;
  readonly login: string;
  /** Further addresses. */
  readonly aliases: readonly string[];
  /** Null: what the other side gives by itself. */
  readonly quotaBytes: number | null;
  /** With its scheme in front; null: nobody knows it, and no password is to be good. */
  readonly hash: Secret | null;
  /** The very hash that Mailferry put there before; null where it put none. */
  readonly hashBefore: Secret | null;
}

/** `create`, `quota`, `password`, or `alias ADDRESS`. */
export type Change = string;

export interface EnsureOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export interface Ensured {
  readonly changes: readonly Change[];
  /** What is on new by Mailferry's doing from now on; null where it put no password there. */
  readonly hash: Secret | null;
}

export interface TestAnswer {
  /** What the other side says of itself. */
  readonly text: string;
}

export interface Provisioner {
  /** As in the configuration. */
  readonly name: string;
  /** Of the hashes that it can be given. */
  readonly schemes: readonly string[];
  /**
   * Makes the account as it is to be, and does nothing where it is so already. With `dryRun` it only says
   * so, and changes nothing. A password that somebody else set there stays. Throws `provisioning-pending` where it can be
   * tried again later, `provisioning-refused` where a person has to do something.
   */
  ensure(account: NewSideAccount, options: EnsureOptions): Promise<Ensured>;
  /** Asks the other side whether it would do it; changes nothing. Throws as `ensure`. */
  test(signal: AbortSignal): Promise<TestAnswer>;
}
