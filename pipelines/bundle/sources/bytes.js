// Bytes and texts, digests, canonical JSON, and the refusal of whatever does not hold.

class NotProved extends Error {}

function demand(holds, why) {
  if (holds !== true) throw new NotProved(why);
}

const utf8 = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

function fromBase64(encoded) {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  demand(toBase64(bytes) === encoded, 'Base64 is not in its one form.');
  return bytes;
}

function toBase64(bytes) {
  let signs = '';
  for (let at = 0; at < bytes.length; at += 8192) signs += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(signs);
}

const toBase64Url = (bytes) => toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const toHex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('');
const hash = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));
const sha256 = (bytes) => hash('SHA-256', bytes);
const digest = async (bytes) => toHex(await sha256(bytes));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

// RFC 8785: what JavaScript writes, with names in the order of their UTF-16 units.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const pairs = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${pairs.join(',')}}`;
  }
  return JSON.stringify(value);
}

function readJson(bytes, what) {
  const said = text(bytes);
  let value;
  try {
    value = JSON.parse(said);
  } catch {
    throw new NotProved(`${what} is not JSON.`);
  }
  demand(canonical(value) === said, `${what} is not in canonical form.`);
  return value;
}

// JSON.parse gives __proto__ as an own name, but reading value[name] of others could reach the prototype.
const own = (value, name) => (Object.hasOwn(value, name) ? value[name] : undefined);

function moment(said) {
  demand(typeof said === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/.test(said), `${said} is no moment.`);
  const at = Date.parse(said);
  demand(Number.isFinite(at), `${said} is no moment.`);
  return at;
}
