/** Commands as an operator pastes them into a shell. Pure. */

/** Bytes that a shell takes as they are. */
const plain = /^[\w@%+=:,./-]+$/;

/** Control characters, and those that turn a line around: what is read has to be what is run. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What is not plain stands in quotes, so that no word of it is another command; what cannot be seen is left out. */
export function shellWord(text: string): string {
  const line = text.replace(unseen, '');
  return plain.test(line) ? line : `'${line.replaceAll("'", `'\\''`)}'`;
}

/** `words`: as an edge says them; what they are called with is ours. */
export function configCommand(what: 'postfix' | 'dovecot', words: readonly string[]): string {
  return ['mailferry', 'config', what, ...words.map(shellWord)].join(' ');
}
