// What machines and people signed about this manifest.

const LISTED = 100;
const EXCEPTION = 'urn:kfm:predicate:exception:1';
const STANDING = 'urn:kfm:predicate:standing-approval:1';
const NAMESPACES = new Map([
  [EXCEPTION, 'exception@kfm-review'],
  ['urn:kfm:predicate:revocation:1', 'exception@kfm-review'],
  [STANDING, 'release@kfm-review'],
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
  const { pool } = evidence.event('review.opened', { run }).details;
  demand(said.pool === pool, `The worker signed for the pool ${said.pool}, which was not asked for this run.`);
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
  const excusing = [];
  for (const name of names) {
    const envelope = await readEnvelope(evidence.file(name));
    const said = { ...envelope.statement, digest: await digest(envelope.payload) };
    demand(name === `exceptions/${said.digest}.json`, `${name} is another statement.`);
    demand(NAMESPACES.has(said.type), `${name} is of an unknown kind.`);
    const holders = await holdersOf(evidence, envelope, NAMESPACES.get(said.type), signedAt(evidence, said));
    if (said.type === EXCEPTION) checkPeople(said.predicate, holders);
    if (letsStand(evidence, said)) excusing.push(said);
  }
  if (evidence.about.kind === 'release') {
    for (const gate of evidence.manifest.gates) {
      if (gate.outcome === 'FAIL') await checkExcused(evidence, gate, excusing);
    }
  }
  return names.length ? `${names.length} statements, each signed by whoever may; ${excusing.length} let gates stand` : 'none';
}

// When somebody signed: as the audit says of answers and standing approvals, as it says itself of the rest.
function signedAt(evidence, said) {
  if (said.type === STANDING) return moment(toldOf(evidence, 'standing-approval.signed', said.digest).at);
  if (said.type !== EXCEPTION) return moment(said.predicate.issued_at);
  const action = said.predicate.decision === 'approve' ? 'exception.granted' : 'exception.denied';
  return moment(toldOf(evidence, action, said.digest).at);
}

function toldOf(evidence, action, statement) {
  const found = evidence.events.find((one) => one.action === action && one.details.statement === statement);
  demand(found !== undefined, `No line of the audit says ${action} of the statement ${statement.slice(0, 8)}.`);
  return found;
}

async function holdersOf(evidence, envelope, namespace, at) {
  const holders = new Set();
  const roster = rosterAt(evidence.chain(), at);
  for (const made of await signersOf(envelope, namespace)) {
    const key = keyAt(roster, made.key.fingerprint, at, GOVERNANCE);
    checkDevice(roster, made);
    demand(key.holder.startsWith('person:'), 'Only people sign this.');
    const name = key.holder.slice('person:'.length);
    demand(!holders.has(name), 'One person signed twice.');
    holders.add(name);
  }
  return holders;
}

function checkPeople(said, holders) {
  demand(!holders.has(said.requester) && !holders.has(said.author), 'Who asked for it or made the edition signed it.');
  demand(holders.has(said.approver.name), `${said.approver.name} is named as approver, and did not sign.`);
  const needed = said.class === 'SOVEREIGNTY' ? 2 : said.approver.signers;
  demand(holders.size >= needed, `${needed} signers are needed.`);
}

function letsStand(evidence, said) {
  const terms = said.predicate;
  if (said.type !== EXCEPTION || terms.decision !== 'approve') return false;
  const wide = terms.scope.reach === 'asset';
  if (wide ? terms.asset !== evidence.manifest.asset : said.subjects.get('manifest') !== evidence.about.manifest) return false;
  if (evidence.about.kind === 'release' && endedBefore(evidence, said)) return false;
  const signed = toldOf(evidence, 'exception.granted', said.digest).details.signed_by;
  const decided = evidence.events.filter((one) => one.action === 'review.decided').map((one) => one.actor);
  demand(!signed.some((name) => decided.includes(name)), 'Somebody decided on what he excused.');
  return true;
}

const publishedAt = (evidence) => moment(evidence.event('release.published', { number: evidence.about.release }).at);

function endedBefore(evidence, said) {
  const endings = ['exception.revoked', 'exception.voided', 'exception.expired'];
  const ended = evidence.events.filter((one) => endings.includes(one.action) && one.details.statement === said.digest);
  return ended.some((one) => moment(one.at) <= publishedAt(evidence));
}

async function checkExcused(evidence, gate, excusing) {
  const at = publishedAt(evidence);
  const result = await digest(utf8(canonical(gate)));
  const covers = excusing.some(({ predicate, subjects }) => {
    const excused = predicate.excuses.find((one) => one.gate === gate.gate);
    const { reach, findings_max: most, value_worst: worst } = predicate.scope;
    return excused !== undefined && moment(predicate.not_before) <= at && at < moment(predicate.expires_at)
      && (reach === 'asset' || subjects.get(`gate:${gate.gate}`) === result)
      && gate.findings.every((one) => excused.rules.includes(one.rule)) && liesWithin(gate, predicate.scope)
      && enough(gate, { reach, most }) && !worse(gate, excused, worst);
  });
  demand(covers, `The gate ${gate.gate} fails, and nothing that lived then excuses it.`);
}

// A result lists a hundred findings; one more then says how many there are.
function enough({ findings }, { reach, most }) {
  if (findings.length <= LISTED) return findings.length <= most;
  const said = /^([0-9][0-9,]*) more findings, ([0-9][0-9,]*) in all\.$/.exec(findings.at(-1).message);
  if (said === null || findings.length !== LISTED + 1 || reach === 'asset') return false;
  const [more, total] = said.slice(1).map((one) => Number(one.replaceAll(',', '')));
  return more > 0 && total === LISTED + more && total <= most;
}

// A drawn area counts by the keys that lay in it, alone.
function liesWithin({ findings }, { keys, area }) {
  if (area !== null && !(keys?.length && findings.length)) return false;
  return keys === null || findings.every((one) => keys.includes(one.where));
}

// What fails on the other side of its own bound than the worst value excused is not excused.
function worse(gate, excused, worst) {
  if (worst === null) return false;
  if ([gate.value, gate.bound, excused.bound].includes(null)) return true;
  const most = Number(worst);
  const side = Math.sign(most - Number(excused.bound));
  if (!Number.isFinite(most) || Math.sign(gate.value - gate.bound) * side < 0) return true;
  return side === 0 ? gate.value !== most : side * gate.value > side * most;
}

// Returns the standing approval by which a clean run was approved; its signature is judged with the exceptions.
async function inAdvance(evidence) {
  const { manifest: name, review } = evidence.about;
  const event = evidence.events.find((one) => one.action === 'standing-approval.used' && one.details.manifest === name && one.details.review === review);
  if (event === undefined) return '';
  const file = `exceptions/${event.details.statement}.json`;
  const envelope = await readEnvelope(evidence.file(file));
  const { statement } = envelope;
  const [terms, told, at] = [statement.predicate, evidence.manifest, moment(event.at)];
  demand(statement.type === STANDING && terms.asset === told.asset, 'The standing approval is of another asset.');
  demand(moment(terms.issued_at) <= at && at < moment(terms.expires_at), 'The standing approval did not count then.');
  demand(terms.labels.includes(told.labels.sensitivity) && told.labels.sensitivity === 'public', 'The standing approval does not cover this label.');
  demand(told.outcome === 'PASS' && told.base !== 'none' && told.gates.every((gate) => gate.outcome === 'PASS'), 'A standing approval covers clean runs alone.');
  for (const when of [at, publishedAt(evidence)]) await checkStood(evidence, envelope, event.details.statement, when);
  return file;
}

// It stood when it was used and when the release was published: by the audit, not by its own word.
async function checkStood(evidence, envelope, name, at) {
  const terms = envelope.statement.predicate;
  demand(moment(toldOf(evidence, 'standing-approval.signed', name).at) <= at, 'The standing approval was used before the audit says that it was signed.');
  demand(moment(terms.issued_at) <= at && at < moment(terms.expires_at), 'The standing approval had expired, or its time had not come, when it was relied on.');
  await holdersOf(evidence, envelope, NAMESPACES.get(STANDING), at);
  const ended = evidence.events.filter((one) => one.action === 'standing-approval.ended' && one.details.statement === name);
  demand(!ended.some((one) => moment(one.at) <= at), 'The standing approval was ended before it was relied on.');
}
