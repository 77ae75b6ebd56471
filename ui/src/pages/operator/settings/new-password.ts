/** Passwords that nobody chose: 120 random bits, in letters and digits that no two fonts confuse. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
const length = 24;

export function newPassword(): string {
  // 32 letters: each octet's five low bits are one, all alike probable.
  const random = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(random, (octet) => letters[octet & 31]).join('');
}

/** For who reads it out. */
export function inGroups(text: string): string {
  return text.replaceAll(/(.{4})(?=.)/g, '$1 ');
}
