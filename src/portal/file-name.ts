/** Names of files that people download, made from what strangers wrote. Pure. */

/** File systems bear 255 octets; four a character at most, and a little for the ending. */
const mostCharacters = 60;

/**
 * A name that no system reads as a path, a device or a hidden file, with nothing in it that is not seen: a turned line
 * would show `exe.fdp` as `pdf.exe`.
 */
export function fileName(text: string, ending: string, otherwise: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}"*/:<>?\\|%]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/^[.~\s-]+/u, '');
  const cut = [...plain]
    .slice(0, mostCharacters)
    .join('')
    .replace(/[. ]+$/u, '');
  const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu.test(cut);
  return `${cut === '' || device ? otherwise : cut}.${ending}`;
}

/** For `Content-Disposition` (RFC 6266): a plain name for all, the whole one for who reads RFC 8187. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\]/g, '_');
  const whole = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
