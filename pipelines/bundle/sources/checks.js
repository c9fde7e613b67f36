// Every check of this page: a title, and a function that says what it rests on, or refuses.

class Evidence {
  constructor(told, root) {
    this.rows = told.rows;
    this.files = new Map(Object.entries(told.files).map(([name, encoded]) => [name, fromBase64(encoded)]));
    this.root = root;
    this.about = readJson(this.file('about.json'), 'about.json');
    this.manifest = readJson(this.file('manifest.json'), 'The manifest');
    this.rosters = null;
    this.events = [...this.files.keys()].filter((name) => name.startsWith('audit/events/')).sort()
      .map((name) => readEvent(this.file(name), name));
  }
  file(name) {
    demand(this.files.has(name), `${name} is missing.`);
    return this.files.get(name);
  }
  chain() {
    demand(this.rosters !== null, 'The roster does not hold: nobody’s signature counts.');
    return this.rosters;
  }
  event(action, details) {
    const wanted = { manifest: this.about.manifest, ...details };
    const found = this.events.find((one) => one.action === action
      && Object.keys(wanted).every((name) => own(one.details, name) === wanted[name]));
    demand(found !== undefined, `No line of the audit says ${action} of this manifest.`);
    return found;
  }
}

const CHECKS = [
  ['Files by their digests', async (evidence) => {
    for (const row of evidence.rows) {
      if (!evidence.files.has(row.path)) continue;
      const found = await digest(evidence.file(row.path));
      demand(found === row.sha256, `${row.path} is not what its digest says.`);
    }
    const held = new Set(evidence.rows.map((row) => row.path));
    demand([...evidence.files.keys()].every((name) => held.has(name)), 'This page holds a file that is not listed.');
    return `${evidence.files.size} files in this page; ${evidence.rows.length - evidence.files.size} more by digest only`;
  }],
  ['Manifest', async (evidence) => {
    const found = await digest(evidence.file('manifest.json'));
    demand(found === evidence.about.manifest, 'The manifest is another one.');
    return `${evidence.manifest.asset}, edition ${evidence.manifest.edition}, sha256:${found}`;
  }],
  ['STAC, DCAT and PROV by their digests', async (evidence) => {
    for (const [kind, name] of [['stac', 'catalogs/item.json'], ['dcat', 'catalogs/dcat.jsonld']]) {
      const wanted = own(evidence.manifest.catalogs, kind);
      if (wanted) demand((await digest(evidence.file(name))) === wanted, `${name} is another document than the manifest names.`);
    }
    return 'as the manifest names them';
  }],
  ['Roster', async (evidence) => {
    evidence.rosters = await followAll(evidence.files, evidence.root, adoptions(evidence.events));
    return `${evidence.rosters.length} versions from ${evidence.root}`;
  }],
  ['The worker’s signature', attempt],
  ['The second run’s signature', verification],
  ['Exceptions', exceptions],
  ['Published documents are those in the audit', published],
  ['Decisions are about this manifest', decisions],
  ['Lines of the audit are in the tree', async (evidence) => {
    const signed = text(evidence.file('audit/checkpoint.txt'));
    const head = readNote(signed);
    let count = 0;
    for (const name of evidence.files.keys()) {
      if (!name.startsWith('audit/events/')) continue;
      const number = name.slice('audit/events/'.length, -'.json'.length);
      const proof = readProof(text(evidence.file(`audit/proofs/${number}.txt`)));
      demand(proof.index === Number(number) && proof.checkpoint === signed, `The proof of line ${Number(number)} is of another one.`);
      await checkInclusion(await leafHash(evidence.file(name)), proof.index, head.size, proof.path, head.root);
      count += 1;
    }
    demand(count > 0, 'There is no line of the audit.');
    return `${count} lines in a tree of ${head.size}`;
  }],
  ['Checkpoint, signed and witnessed', async (evidence) => {
    const note = readNote(text(evidence.file('audit/checkpoint.txt')));
    const seen = await checkNote(note, evidence.chain());
    return `${note.origin}, ${note.size} lines, seen by ${seen.names.join(', ')} at ${new Date(seen.at).toISOString()}`;
  }],
];

async function published(evidence) {
  if (evidence.about.kind !== 'release') return 'nothing was published';
  const event = evidence.event('release.published', { number: evidence.about.release });
  const wanted = [];
  for (const [outside, name] of [['item.json', 'published/item.json'], ['dcat.jsonld', 'published/dcat.jsonld'],
    ['prov-run.jsonld', 'published/prov-run.jsonld'], [`prov-promotion-${evidence.about.promotion}.jsonld`, 'prov/promotion.jsonld']]) {
    wanted.push(`${outside} sha256:${await digest(evidence.file(name))}`);
  }
  demand(canonical([...event.details.documents].sort()) === canonical(wanted.sort()), 'The audit names other published documents.');
  return `release ${evidence.about.release}, ${event.at}`;
}

async function decisions(evidence) {
  const listed = readJson(evidence.file('decisions.json'), 'decisions.json').decisions;
  const target = `review:${evidence.about.review}`;
  const lines = evidence.events.filter((event) => event.action === 'review.decided');
  demand(lines.length === listed.length, 'The audit knows of another number of decisions.');
  for (const one of listed) {
    demand(one.manifest === evidence.about.manifest, 'A decision is about another manifest.');
    const found = lines.some((event) => event.target === target && event.actor === one.by && event.at === one.at && event.why === one.reason
      && ['n', 'verdict', 'role', 'manifest'].every((name) => own(event.details, name) === one[name]));
    demand(found, `No line of the audit says that ${one.by} decided so.`);
  }
  const approve = new Map(listed.toSorted((a, b) => a.n - b.n).map((one) => [one.by, one]));
  const approving = [...approve.values()].filter((one) => one.verdict === 'approve');
  const standing = evidence.about.kind === 'release' ? await inAdvance(evidence) : '';
  if (standing !== '') return `approved in advance by ${standing}`;
  const { approvals: needed, roles } = evidence.manifest.review ?? { approvals: 1, roles: [] };
  const counted = approving.filter((one) => roles.length === 0 || roles.includes(one.role)).length;
  demand(evidence.about.kind !== 'release' || counted >= Math.max(1, needed), `${counted} approve in a role that counts; ${Math.max(1, needed)} are needed.`);
  return `${listed.length} decisions; ${approving.map((one) => one.by).join(', ') || 'nobody'} approves`;
}
