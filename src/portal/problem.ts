/** Errors as RFC 9457 answers: our code, what happened, what to do. Never a stack, and never what we do not know. */
import type { FastifyError, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { type ErrorCode, errorTable, MailferryError } from '../base/errors.ts';
import { databaseError } from '../state/database/database-error.ts';
import { faultWords, unreadableWords } from './fault-words.ts';
import type { Problem } from './presenters/problem.ts';

const statuses: Partial<Record<ErrorCode, number>> = {
  'request-invalid': 400,
  'api-token-refused': 401,
  'session-missing': 401,
  'login-refused': 401,
  'code-required': 401,
  'code-refused': 401,
  'scope-missing': 403,
  'request-foreign': 403,
  'code-enrolment-required': 403,
  'route-unknown': 404,
  'account-unknown': 404,
  'token-unknown': 404,
  'app-password-unknown': 404,
  'app-passwords-off': 409,
  'edge-unknown': 404,
  'edge-exists': 409,
  'edge-code-refused': 403,
  'session-unknown': 404,
  'operator-unknown': 404,
  'team-unknown': 404,
  'wave-unknown': 404,
  'webhook-unknown': 404,
  'operator-exists': 409,
  'team-exists': 409,
  'phase-refused': 409,
  'provisioning-off': 409,
  'discovery-off': 409,
  'discovery-stopped': 409,
  'discovery-failed': 502,
  'request-too-large': 413,
  'download-too-large': 413,
  'refused-unknown': 404,
  'message-unreadable': 502,
  'import-refused': 422,
  'too-many-attempts': 429,
  'database-unreachable': 503,
  'database-busy': 503,
  'old-unreachable': 503,
};

/** Titles by status, RFC 9110 §15. */
const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

export function statusOf(code: ErrorCode): number {
  return statuses[code] ?? 500;
}

/** What went wrong, in our terms. `databaseName` is for errors that the database's driver throws. */
export function knownError(error: unknown, databaseName: string): MailferryError {
  if (error instanceof MailferryError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const faults = error.validation.map((fault) => faultWords(fault, error.validationContext));
    return new MailferryError('request-invalid', faults.join('; '));
  }
  if (isResponseSerializationError(error)) {
    return new MailferryError('internal', 'the answer does not have its form', { cause: error });
  }
  const { statusCode, code } = error as Partial<FastifyError>;
  if (statusCode === 413) return new MailferryError('request-too-large', 'the request is too large');
  if (typeof statusCode === 'number' && statusCode < 500) {
    return new MailferryError('request-invalid', unreadableWords(code, statusCode));
  }
  return databaseError(databaseName, error);
}

export function problemOf(error: MailferryError): Problem {
  const status = statusOf(error.code);
  const defect = status === 500;
  return {
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    code: error.code,
    // Of a defect the log has the rest.
    detail: defect ? 'something went wrong here; the log says what' : error.message,
    action: defect ? errorTable.internal.action : error.action,
  };
}

export function sendProblem(
  reply: FastifyReply,
  error: MailferryError,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const problem = problemOf(error);
  if (error.code === 'api-token-refused') void reply.header('www-authenticate', 'Bearer');
  if (error.retryAfterMs !== undefined)
    void reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000));
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((value) => JSON.stringify(value))
    .send({ ...problem, ...more });
}
