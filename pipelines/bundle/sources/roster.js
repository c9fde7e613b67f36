// Envelopes, statements, and the chain of rosters from the root on.

const PAYLOAD = 'application/vnd.in-toto+json';
const GOVERNANCE = 'governance';
const HOLDER = /^(?:person|machine):[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;
const OF_MACHINE = /^(?:pool:[a-z0-9-]{1,40}|verify|promoter|sequencer|witness)$/;
const AHEAD = 5 * 60 * 1000;
const WITHIN = 7 * 24 * 60 * 60 * 1000;

async function readEnvelope(bytes) {
  const said = readJson(bytes, 'An envelope');
  demand(Object.keys(said).sort().join() === 'payload,payloadType,signatures', 'This is no envelope.');
  demand(said.payloadType === PAYLOAD && Array.isArray(said.signatures) && said.signatures.length > 0, 'This envelope is not signed.');
  const payload = fromBase64(said.payload);
  const message = joined(utf8(`DSSEv1 ${PAYLOAD.length} ${PAYLOAD} ${payload.length} `), payload);
  const ids = new Set(said.signatures.map((one) => one.keyid));
  demand(ids.size === said.signatures.length, 'An envelope holds two signatures of one key.');
  return { payload, message, signatures: said.signatures, statement: readStatement(payload) };
}

function readStatement(payload) {
  const said = readJson(payload, 'A statement');
  demand(said._type === 'https://in-toto.io/Statement/v1' && Object.keys(said).length === 4, 'This is no statement.');
  const subjects = new Map(said.subject.map((one) => [one.name, one.digest.sha256]));
  demand(subjects.size === said.subject.length && subjects.size > 0, 'A statement names a subject twice, or none.');
  return { type: said.predicateType, predicate: said.predicate, subjects };
}

// Returns every signer of an envelope, each verified.
async function signersOf(envelope, namespace) {
  const signers = [];
  for (const one of envelope.signatures) {
    const made = await verifySignature(fromBase64(one.sig), envelope.message, namespace);
    demand(made.key.fingerprint === one.keyid, 'An envelope names another key than the one that signed it.');
    signers.push(made);
  }
  return signers;
}

async function readRoster(payload) {
  const { type, predicate, subjects } = readStatement(payload);
  demand(type === 'urn:kfm:predicate:roster:1' && predicate.schema === 'kfm/roster/1', 'This is no roster.');
  demand(subjects.get('roster') === (await digest(utf8(canonical(predicate)))) && subjects.size === 1, 'The roster is another one than its statement says.');
  const keys = new Map();
  for (const one of predicate.keys) {
    const key = await readLine(one.line);
    demand(key.fingerprint === one.fingerprint && !keys.has(key.fingerprint), 'The roster names a key wrongly or twice.');
    demand(HOLDER.test(one.holder) && one.holder.startsWith(one.kind === 'machine' ? 'machine:' : 'person:'), 'A key is held by the wrong kind of holder.');
    demand(one.roles.every((role) => OF_MACHINE.test(role) === (one.kind === 'machine')), `The roles ${one.roles.join(', ')} are not for ${one.holder}.`);
    keys.set(key.fingerprint, { ...one, key });
  }
  return { ...predicate, digest: await digest(payload), at: moment(predicate.issued_at), keys };
}

function live(one, at) {
  const ends = [one.until, one.retired && one.retired.at].filter(Boolean).map(moment);
  return moment(one.from) <= at && ends.every((end) => at < end);
}

function keyAt(roster, id, at, role) {
  const one = roster.keys.get(id);
  demand(one !== undefined, `The key ${id} is not on roster ${roster.version}.`);
  demand(live(one, at), `The key ${id} of ${one.holder} did not count then.`);
  demand(one.roles.includes(role), `The key ${id} of ${one.holder} has not the role ${role}.`);
  return one;
}

function checkDevice(roster, made) {
  if (!ON_DEVICE.includes(made.key.type)) return;
  demand((made.flags & 5) === 5, 'The key did not verify the person.');
  if (made.clientData === null) return;
  demand(roster.origins.includes(made.origin), 'A passkey signed at a place that is not on the roster.');
  demand(roster.rp_ids.includes(made.key.application), 'A passkey is for a place that is not on the roster.');
}

// Its own word of when it was issued fits when the audit says that it was adopted.
function checkKept(before, found, at) {
  demand(found.at <= at + AHEAD, `Roster ${found.version} was yet to come when it was adopted.`);
  if (!before) return;
  demand(found.at >= at - WITHIN, `Roster ${found.version} was adopted long after it was issued.`);
  demand(before.kept === null || (before.kept - AHEAD <= found.at && before.kept <= at), `Roster ${found.version} is from before the one that it follows was adopted.`);
}

async function follow(before, bytes, root, adopted) {
  const envelope = await readEnvelope(bytes);
  const found = await readRoster(envelope.payload);
  demand(found.root === root, `Roster ${found.version} names another root.`);
  demand(found.version === (before ? before.version + 1 : 1) && found.previous === (before ? before.digest : null), `Roster ${found.version} does not follow.`);
  const signers = await signersOf(envelope, 'roster@kfm-review');
  demand(signers.length === 1, 'A roster has exactly one signature.');
  if (before) {
    demand(before.at <= found.at, 'A roster is older than the one before it.');
    demand([...before.keys.keys()].every((id) => found.keys.has(id)), 'A key left the roster.');
  }
  found.kept = adopted.get(found.digest) ?? null;
  if (found.kept !== null) checkKept(before, found, found.kept);
  const [made] = signers;
  if (made.key.fingerprint === root) return found;
  demand(Boolean(before), 'The first roster is signed by the root alone.');
  checkSigner(before, found, made);
  demand(found.kept !== null, `No line of the audit says when roster ${found.version} was adopted.`);
  keyAt(before, made.key.fingerprint, found.kept, GOVERNANCE);
  return found;
}

function checkSigner(before, found, made) {
  const signer = keyAt(before, made.key.fingerprint, found.at, GOVERNANCE);
  demand(signer.holder.startsWith('person:'), 'Only a person signs a roster.');
  demand(canonical([before.origins, before.rp_ids]) === canonical([found.origins, found.rp_ids]), 'Only the root changes where passkeys may sign.');
  const plain = ({ key, ...rest }) => canonical(rest);
  for (const id of found.keys.keys()) {
    const [old, fresh] = [before.keys.get(id), found.keys.get(id)];
    if (old !== undefined && plain(old) === plain(fresh)) continue;
    demand(![old, fresh].some((one) => one !== undefined && one.holder.startsWith('machine:')), 'Only the root brings, changes or retires a machine’s key.');
    demand(fresh.holder !== signer.holder && (old === undefined || old.holder !== signer.holder), `${signer.holder} signed a roster in which an own key changes.`);
  }
  checkDevice(before, made);
}

// When each roster was adopted, by the digest of its statement: the first time it was.
function adoptions(events) {
  const found = new Map();
  for (const { details, at } of events.filter((one) => one.action === 'roster.adopted')) {
    found.set(details.statement, Math.min(moment(at), found.get(details.statement) ?? Infinity));
  }
  return found;
}

async function followAll(files, root, adopted) {
  const names = [...files.keys()].filter((name) => name.startsWith('roster/')).sort();
  demand(names.length > 0, 'There is no roster.');
  const chain = [];
  for (const [at, name] of names.entries()) {
    demand(name === `roster/${String(at + 1).padStart(5, '0')}.json`, 'A version of the roster is missing.');
    chain.push(await follow(chain.at(-1), files.get(name), root, adopted));
  }
  const held = new Set(chain.map((one) => one.digest));
  demand([...adopted.keys()].every((one) => held.has(one)), 'The audit says that a roster was adopted which is not enclosed.');
  return chain;
}

function rosterAt(chain, at) {
  const found = chain.filter((one) => (one.kept ?? one.at) <= at).at(-1);
  demand(found !== undefined, 'There was no roster then.');
  return found;
}
