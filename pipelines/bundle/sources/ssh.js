// OpenSSH's keys and signatures (SSHSIG), with the form that passkeys have, by WebCrypto.

const ED25519 = 'ssh-ed25519';
const ECDSA = 'ecdsa-sha2-nistp256';
const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';
const WEBAUTHN = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com';
const ON_DEVICE = [SK_ED25519, SK_ECDSA];
const ON_CURVE = [ECDSA, SK_ECDSA];

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  take(count) {
    demand(this.at + count <= this.bytes.length, 'A key or signature ends too early.');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  byte() {
    return this.take(1)[0];
  }
  number() {
    const four = this.take(4);
    return ((four[0] << 24) | (four[1] << 16) | (four[2] << 8) | four[3]) >>> 0;
  }
  string() {
    return this.take(this.number());
  }
  text() {
    return text(this.string());
  }
  end() {
    demand(this.at === this.bytes.length, 'A key or signature goes on after its end.');
  }
}

function number(value) {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

const string = (bytes) => joined(number(bytes.length), bytes);

async function readKey(blob) {
  const read = new Reader(blob);
  const type = read.text();
  demand([ED25519, ECDSA, SK_ED25519, SK_ECDSA].includes(type), `A key of type ${type} may not sign here.`);
  if (ON_CURVE.includes(type)) demand(read.text() === 'nistp256', 'The key is on another curve.');
  const material = read.string();
  const application = ON_DEVICE.includes(type) ? read.text() : '';
  read.end();
  demand(material.length === (ON_CURVE.includes(type) ? 65 : 32), 'The key has another length than its kind.');
  return { type, blob, material, application, fingerprint: await fingerprint(blob) };
}

async function fingerprint(blob) {
  return `SHA256:${toBase64(await sha256(blob)).replaceAll('=', '')}`;
}

async function readLine(line) {
  const [type, encoded, ...more] = line.split(' ');
  const key = await readKey(fromBase64(encoded ?? ''));
  demand(more.length === 0 && key.type === type, 'A line of the roster is no public key.');
  return key;
}

async function toBeSigned(message, namespace) {
  const parts = [utf8(namespace), utf8(''), utf8('sha512'), await hash('SHA-512', message)];
  return joined(utf8('SSHSIG'), ...parts.map(string));
}

// Returns who signed `message`, verified; whether that key counts, the roster says.
async function verifySignature(blob, message, namespace) {
  const read = new Reader(blob);
  demand(text(read.take(6)) === 'SSHSIG' && read.number() === 1, 'This is no SSH signature.');
  const key = await readKey(read.string());
  demand(read.text() === namespace, `The signature is not for ${namespace}.`);
  demand(read.string().length === 0 && read.text() === 'sha512', 'The signature is of another form.');
  const inner = new Reader(read.string());
  read.end();
  const made = { key, type: inner.text(), signature: inner.string(), flags: 0, counter: 0, origin: '', clientData: null };
  if (ON_DEVICE.includes(key.type)) [made.flags, made.counter] = [inner.byte(), inner.number()];
  if (made.type === WEBAUTHN && key.type === SK_ECDSA) {
    [made.origin, made.clientData] = [inner.text(), inner.string()];
    demand(inner.string().length === 0, 'The passkey adds extensions.');
  } else {
    demand(made.type === key.type, 'The signature is of another kind than its key.');
  }
  inner.end();
  let signed = await toBeSigned(message, namespace);
  if (ON_DEVICE.includes(key.type)) signed = await byDevice(made, signed);
  demand(await holds(key, made.signature, signed), 'A signature is not of this message by this key.');
  return made;
}

async function byDevice(made, signed) {
  if (made.clientData !== null) checkClientData(made, signed);
  const shown = made.clientData === null ? signed : made.clientData;
  const application = await sha256(utf8(made.key.application));
  return joined(application, Uint8Array.of(made.flags), number(made.counter), await sha256(shown));
}

function checkClientData(made, challenge) {
  const said = JSON.parse(text(made.clientData));
  const wanted = { type: 'webauthn.get', challenge: toBase64Url(challenge), origin: made.origin };
  for (const name of Object.keys(wanted)) {
    demand(own(said, name) === wanted[name], `The passkey answered with another ${name}.`);
  }
  demand(text(made.clientData).startsWith(JSON.stringify(wanted).slice(0, -1)), 'The passkey answered in another order.');
  demand((own(said, 'crossOrigin') ?? false) === false && !Object.hasOwn(said, 'topOrigin'), 'The passkey was asked from within another page.');
}

async function holds(key, signature, signed) {
  if (!ON_CURVE.includes(key.type)) {
    const known = await crypto.subtle.importKey('raw', key.material, { name: 'Ed25519' }, false, ['verify']);
    return crypto.subtle.verify({ name: 'Ed25519' }, known, signature, signed);
  }
  const read = new Reader(signature);
  const pair = joined(ofCurve(read.string()), ofCurve(read.string()));
  read.end();
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const known = await crypto.subtle.importKey('raw', key.material, curve, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, known, pair, signed);
}

// A positive mpint in its shortest form, as the 32 bytes that WebCrypto wants.
function ofCurve(mpint) {
  demand(mpint.length > 0 && mpint.length <= 33 && mpint[0] < 128, 'A number of the signature is damaged.');
  demand(mpint[0] !== 0 || (mpint.length > 1 && mpint[1] > 127), 'A number of the signature is not in its shortest form.');
  const plain = mpint[0] === 0 ? mpint.subarray(1) : mpint;
  return joined(new Uint8Array(32 - plain.length), plain);
}
