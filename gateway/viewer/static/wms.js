// Requests to the map service (OGC 06-042, WMS 1.3.0) and its refusals in plain words.

/** A request that did not bring what was asked for; its message is meant for the person at the screen. */
export class ServiceError extends Error {
  /**
   * @param {string} message
   * @param {string} [code] the exception code of the service, if it gave one
   */
  constructor(message, code = '') {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
  }
}

/**
 * Write the address of a request.
 * @param {string} service address of the service, which may be relative to the page
 * @param {Record<string, string|number|boolean>} parameters
 * @returns {string}
 */
export function address(service, parameters) {
  const url = new URL(service, document.baseURI);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value));
  return url.href;
}

/**
 * Ask for something and refuse everything that is not it.
 * @param {string} url
 * @param {RegExp} wanted what the content type must match
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 * @throws {ServiceError} when the service refuses, fails or cannot be reached
 */
export async function ask(url, wanted, signal) {
  let answer;
  try {
    answer = await fetch(url, { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServiceError('The server did not answer. Check the connection, then try again.', 'Unreachable');
  }
  const type = answer.headers.get('content-type') ?? '';
  const report = type.includes('xml') && !wanted.test('text/xml') ? readReport(await answer.text()) : null;
  if (answer.ok && report === null && wanted.test(type)) return answer;
  throw report ?? (await refusal(answer, type));
}

/**
 * Read a ServiceExceptionReport (06-042, 6.11 and annex E.2).
 * @param {string} xml
 * @returns {ServiceError|null} null if the text is no such report
 */
export function readReport(xml) {
  const found = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('*', 'ServiceException')[0];
  if (!found) return null;
  const said = found.textContent?.trim() || found.getAttribute('code') || 'no reason was given';
  return new ServiceError(`The map service says: ${said}`, found.getAttribute('code') ?? '');
}

/** @type {(answer: Response, type: string) => Promise<ServiceError>} */
async function refusal(answer, type) {
  if (type.includes('xml') && !answer.bodyUsed) {
    const report = readReport(await answer.text());
    if (report) return report;
  }
  if (answer.status === 401) return new ServiceError('This needs a login. Sign in, then reload the page.', 'Unauthorized');
  if (answer.status === 403) return new ServiceError('Your account may not view this.', 'Forbidden');
  if (answer.status === 429 || answer.status === 503) {
    return new ServiceError('The server is busy. Wait a moment, then try again.', 'Busy');
  }
  if (answer.ok) return new ServiceError(`The server sent ${type || 'something unnamed'} where it should not have.`);
  return new ServiceError(`The server failed (HTTP ${answer.status}). Try again, or tell its operator.`);
}
