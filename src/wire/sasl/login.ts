/** LOGIN, never standardised (draft-murchison-sasl-login): the server asks twice, whatever it calls the fields. */
import { filledField } from './message.ts';

/** The two answers in order. Throws MailferryError `usage` on empty fields and on NUL. */
export function login(user: string, password: string): readonly [user: Uint8Array, password: Uint8Array] {
  return [filledField('user name', user), filledField('password', password)];
}
