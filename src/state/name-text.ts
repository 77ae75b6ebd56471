/**
 * Mailbox names are byte strings, one character per byte. As TEXT they keep all characters but control characters and
 * "%", which are written as %XX: PostgreSQL takes no NUL, and a person reading the table sees what is there.
 */
const unsafe = /[%\p{Cc}]/gu;

export function textOfName(name: string): string {
  return name.replace(unsafe, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

export function nameOfText(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
