/** One account as its owner sees it, beside the table. */
import type { Right } from '../../api/contract.ts';
import type { ReactNode } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { SafeText } from '../../parts/safe-text.tsx';
import { useTeamWords } from '../../words/team.ts';
import { AccountView } from '../mailbox/account-view.tsx';

export interface AccountDrawerProps {
  /** Null: closed. */
  readonly id: string | null;
  /** Its address, once it is known. */
  readonly address: string | null;
  /** What may be done to it from here. */
  readonly may: ReadonlySet<Right>;
  /** Below what its owner sees. */
  readonly more?: ReactNode;
  readonly onClose: () => void;
}

export function AccountDrawer({ id, address, may, more, onClose }: AccountDrawerProps) {
  const { drawer } = useTeamWords();
  return (
    <ModalOverlay
      className="overlay"
      isDismissable
      isOpen={id !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="drawer">
        <Dialog aria-label={drawer.title} className="stack">
          <div className="row between">
            <h2>{address === null ? drawer.title : <SafeText>{address}</SafeText>}</h2>
            <button type="button" className="button slim" onClick={onClose}>
              {drawer.close}
            </button>
          </div>
          {id !== null && <AccountView id={id} owner={false} may={may} />}
          {more}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
