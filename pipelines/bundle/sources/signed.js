// What machines and people signed about this manifest.

const EXCEPTION = 'urn:kfm:predicate:exception:1';
const NAMESPACES = new Map([
  [EXCEPTION, 'exception@kfm-review'],
  ['urn:kfm:predicate:revocation:1', 'exception@kfm-review'],
  ['urn:kfm:predicate:standing-approval:1', 'release@kfm-review'],
]);

async function checkMachine(evidence, name, { type, subjects, roleOf, at }) {
  const envelope = await readEnvelope(evidence.file(name));
  demand(envelope.statement.type === type, `${name} is another statement.`);
  const told = Object.fromEntries(envelope.statement.subjects);
  demand(canonical(told) === canonical(subjects), `${name} is about other bytes.`);
  const signers = await signersOf(envelope, 'machine@kfm-review');
  demand(signers.length === 1, `${name} is not signed by one machine.`);
  const role = roleOf(envelope.statement.predicate);
  const key = keyAt(rosterAt(evidence.chain(), at), signers[0].key.fingerprint, at, role);
  demand(key.holder.startsWith('machine:'), 'A person signed as a machine.');
  return { said: envelope.statement.predicate, who: `${key.holder}, ${role}, ${key.fingerprint}` };
}

async function attempt(evidence) {
  const { manifest, run } = evidence.about;
  const mine = evidence.events.filter((event) => event.details.manifest === manifest);
  demand(mine.length > 0, 'No line of the audit is about this manifest.');
  const { said, who } = await checkMachine(evidence, 'machines/attempt.json', {
    type: 'urn:kfm:predicate:attempt:1',
    subjects: { manifest, prov: await digest(evidence.file('prov/run.jsonld')) },
    roleOf: (predicate) => `pool:${predicate.pool}`,
    at: Math.min(...mine.map((event) => moment(event.at))),
  });
  demand(said.run === run, 'The worker signed another run.');
  return who;
}

async function verification(evidence) {
  if (evidence.about.kind !== 'release') return 'only what is promoted is run again';
  const { manifest, promotion } = evidence.about;
  const event = evidence.event('promotion.verified', { verification: await digest(evidence.file('machines/verification.json')) });
  const { said, who } = await checkMachine(evidence, 'machines/verification.json', {
    type: 'urn:kfm:predicate:verification:1',
    subjects: { manifest },
    roleOf: () => 'verify',
    at: moment(event.at),
  });
  demand(said.promotion === promotion && said.reproduced === true && said.gates > 0 && said.differences.length === 0, 'The second run did not reproduce the manifest.');
  return who;
}

async function exceptions(evidence) {
  const names = [...evidence.files.keys()].filter((name) => name.startsWith('exceptions/'));
  const excused = new Set();
  for (const name of names) {
    const envelope = await readEnvelope(evidence.file(name));
    const said = envelope.statement;
    demand(name === `exceptions/${await digest(envelope.payload)}.json`, `${name} is another statement.`);
    demand(NAMESPACES.has(said.type), `${name} is of an unknown kind.`);
    const holders = new Set();
    const at = moment(said.predicate.issued_at);
    for (const made of await signersOf(envelope, NAMESPACES.get(said.type))) {
      const roster = rosterAt(evidence.chain(), at);
      const key = keyAt(roster, made.key.fingerprint, at, GOVERNANCE);
      keyAt(evidence.chain().at(-1), made.key.fingerprint, at, GOVERNANCE);
      checkDevice(roster, made);
      demand(key.holder.startsWith('person:') && !holders.has(key.holder), 'An exception is signed by people, each once.');
      holders.add(key.holder);
    }
    demand(said.predicate.class !== 'SOVEREIGNTY' || holders.size > 1, 'Sovereignty needs two signers.');
    for (const gate of excuses(evidence, said)) excused.add(gate);
  }
  if (evidence.about.kind === 'release') {
    for (const result of evidence.manifest.gates) {
      demand(result.outcome !== 'FAIL' || excused.has(result.gate), `The gate ${result.gate} fails, and nothing excuses it.`);
    }
  }
  return names.length ? `${names.length} statements, each signed by whoever may` : 'none';
}

function excuses(evidence, said) {
  const about = [...said.subjects.values()].includes(evidence.about.manifest);
  if (said.type !== EXCEPTION || said.predicate.decision !== 'approve' || !about) return [];
  return said.predicate.gates ?? [said.predicate.gate];
}

// Returns the standing approval by which a clean run was approved; its signature is judged with the exceptions.
async function inAdvance(evidence) {
  const { manifest: name, review } = evidence.about;
  const event = evidence.events.find((one) => one.action === 'standing-approval.used' && one.details.manifest === name && one.details.review === review);
  if (event === undefined) return '';
  const file = `exceptions/${event.details.statement}.json`;
  const { statement } = await readEnvelope(evidence.file(file));
  const [terms, told, at] = [statement.predicate, evidence.manifest, moment(event.at)];
  demand(statement.type === 'urn:kfm:predicate:standing-approval:1' && terms.asset === told.asset, 'The standing approval is of another asset.');
  demand(moment(terms.issued_at) <= at && at < moment(terms.expires_at), 'The standing approval did not count then.');
  demand(terms.labels.includes(told.labels.sensitivity) && told.labels.sensitivity === 'public', 'The standing approval does not cover this label.');
  demand(told.outcome === 'PASS' && told.base !== 'none' && told.gates.every((gate) => gate.outcome === 'PASS'), 'A standing approval covers clean runs alone.');
  return file;
}
