/** Hands in one message as another mail server does, by SMTP. */
import { createTransport } from 'nodemailer';

export interface SmtpPlace {
  readonly address: string;
  readonly port: number;
}

/** Resolves when the server has taken it. `source`: the address in 127/8 that it comes from. */
export async function deliverBySmtp(
  { address, port }: SmtpPlace,
  to: string,
  message: string,
  source?: string,
): Promise<void> {
  const transport = createTransport({
    host: address,
    port,
    name: 'mx.example.net',
    ignoreTLS: true,
    ...(source === undefined ? {} : { localAddress: source }),
  });
  try {
    await transport.sendMail({ envelope: { from: 'sender@example.net', to }, raw: message });
  } finally {
    transport.close();
  }
}
