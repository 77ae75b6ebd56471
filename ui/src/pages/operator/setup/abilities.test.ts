import { expect, test } from 'vitest';
import { abilitiesOf, certificateFault } from './abilities.ts';

const words = (...of: Parameters<typeof abilitiesOf>) => abilitiesOf(...of).map(({ word }) => word);

test('old is judged by how it tells of changes, new by how it takes mail', () => {
  expect(words('old', ['IDLE', 'NOTIFY', 'QRESYNC', 'SPECIAL-USE'])).toEqual(['notify', 'modseq', 'roles']);
  expect(words('old', ['IMAP4REV1', 'IDLE'])).toEqual(['idle', 'noModseq', 'noRoles']);
  expect(words('old', ['IMAP4REV1'])).toEqual(['poll', 'noModseq', 'noRoles']);
  expect(words('new', ['UIDPLUS', 'LITERAL-'])).toEqual(['uids', 'many', 'noRoles']);
  expect(words('new', ['IMAP4REV1'])).toEqual(['noUids', 'one', 'noRoles']);
});

test('a server that said nothing is not called a poor one', () => {
  expect(words('old', [])).toEqual([]);
});

test('the reasons of OpenSSL that people meet have words, others have one for all', () => {
  expect(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'PIN_MISMATCH',
      'CERT_REVOKED',
    ].map(certificateFault),
  ).toEqual(['self', 'issuer', 'issuer', 'issuer', 'expired', 'name', 'pin', 'other']);
});
