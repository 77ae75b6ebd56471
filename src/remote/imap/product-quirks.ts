/**
 * Capabilities that a product announces and does not keep, by the name and version it gives in ID (RFC 2971). Each row
 * is described in docs/quirks with the bytes that were seen.
 */
const rows: readonly { readonly product: RegExp; readonly broken: readonly string[] }[] = [
  // MAILBOXID in STATUS is memory that was freed: other bytes at every question, control characters and `)` among them.
  { product: /^Cyrus IMAPD? 3\.6\./i, broken: ['OBJECTID'] },
];

export function brokenByProduct(product: string): readonly string[] {
  return rows.filter((row) => row.product.test(product)).flatMap((row) => row.broken);
}
