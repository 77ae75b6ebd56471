/** From capabilities to what the engine may use. Pure. A capability that proved broken on this host is left out. */
import type { StoreAbilities } from '../../sync/mail-store.ts';

export function abilitiesOf(
  capabilities: readonly string[],
  product: string,
  broken: ReadonlySet<string>,
): StoreAbilities {
  // Seen in the wild: "LITERAL +" with a blank; the parser then yields two words.
  const names = capabilities.map((name) => name.toUpperCase());
  const has = (name: string) => names.includes(name) && !broken.has(name);
  // RFC 9051 §7.2.2 folds these extensions into IMAP4rev2.
  const rev2 = has('IMAP4REV2');
  const limit = names.find((name) => /^APPENDLIMIT=\d+$/.test(name));
  const literalPlus = has('LITERAL+') || (names.includes('LITERAL') && names.includes('+'));
  return {
    product,
    multiAppend: has('MULTIAPPEND'),
    uidPlus: has('UIDPLUS') || rev2,
    literal: literalPlus ? 'plus' : has('LITERAL-') || rev2 ? 'minus' : 'synchronising',
    condStore: has('CONDSTORE') || has('QRESYNC'),
    qResync: has('QRESYNC'),
    move: has('MOVE') || rev2,
    binary: has('BINARY') || rev2,
    specialUse: has('SPECIAL-USE') || rev2,
    createSpecialUse: has('CREATE-SPECIAL-USE'),
    listStatus: (has('LIST-STATUS') && has('LIST-EXTENDED')) || rev2,
    idle: has('IDLE') || rev2,
    notify: has('NOTIFY'),
    objectId: has('OBJECTID'),
    quota: has('QUOTA'),
    appendLimitBytes: limit === undefined ? null : Number(limit.slice('APPENDLIMIT='.length)),
    capabilities: names,
  };
}
