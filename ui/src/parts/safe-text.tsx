/**
 * Text that strangers wrote: subjects, names of mailboxes and programs. React keeps markup from being markup; this keeps
 * control characters from being invisible and text of another direction from turning the line around.
 */

/** Longer text is cut: a subject of a megabyte would be laid out at each update. */
const longest = 300;

export function harmless(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut
    .replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\u007f/g, '\u2421')
    .replace(
      /[\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g,
      '\ufffd',
    );
}

export function SafeText({
  children,
  className,
}: {
  readonly children: string;
  readonly className?: string;
}) {
  return <bdi className={className}>{harmless(children)}</bdi>;
}
