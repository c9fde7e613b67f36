// Files that somebody chooses: hashed here, and held against what the bundle names.

async function judgeChosen(file, evidence) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (same(bytes.subarray(0, 4), Uint8Array.of(0x50, 0x4b, 3, 4))) return judgeBundle(file, bytes, evidence);
  const found = await digest(bytes);
  const artifact = evidence.manifest.artifacts.find((one) => one.sha256 === found);
  const row = evidence.rows.find((one) => one.sha256 === found);
  demand(Boolean(artifact || row), `sha256:${found} is nothing that this bundle names.`);
  return artifact ? `the ${artifact.role} of the manifest, sha256:${found}` : `${row.path}, sha256:${found}`;
}

// Our bundles are stored as they are, one file after the other.
async function judgeBundle(file, bytes, evidence) {
  const wanted = new Map(evidence.rows.map((row) => [row.path, row.sha256]));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [made, entries] = [new Map(), []];
  let at = 0;
  while (at + 30 <= bytes.length && view.getUint32(at, true) === 0x04034b50) {
    const [size, named, extra] = [view.getUint32(at + 18, true), view.getUint16(at + 26, true), view.getUint16(at + 28, true)];
    const name = text(bytes.subarray(at + 30, at + 30 + named));
    const start = at + 30 + named + extra;
    demand(view.getUint16(at + 8, true) === 0 && start + size <= bytes.length, `${name} is not stored as a bundle stores it.`);
    entries.push({ name, at, size });
    if (wanted.has(name)) {
      const found = await digest(bytes.subarray(start, start + size));
      demand(found === wanted.get(name), `${name} in that file is another one than in this page.`);
      wanted.delete(name);
    } else {
      demand(['index.html', 'index.json'].includes(name) && !made.has(name), `${name} is in that file and not in this page’s list.`);
      made.set(name, bytes.subarray(start, start + size));
    }
    at = start + size;
  }
  checkDirectory(bytes, at, entries);
  demand(wanted.size === 0, `That file lacks ${[...wanted.keys()].slice(0, 5).join(', ')}.`);
  await checkIndex(made, evidence);
  return `every document is the one that this page lists, ${evidence.rows.length} of them`;
}

// Whoever unpacks it goes by the directory at its end: it leads to these files, and to nothing else.
function checkDirectory(bytes, start, entries) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (const { name, at: from, size } of entries) {
    demand(at + 46 + name.length <= bytes.length && view.getUint32(at, true) === 0x02014b50, 'That file does not end as a bundle ends.');
    const same = text(bytes.subarray(at + 46, at + 46 + name.length)) === name && view.getUint32(at + 42, true) === from
      && view.getUint32(at + 20, true) === size && view.getUint16(at + 28, true) === name.length;
    demand(same && view.getUint32(at + 30, true) === 0, `${name} is not what whoever unpacks that file finds.`);
    at += 46 + name.length;
  }
  const ends = at + 22 === bytes.length && view.getUint32(at, true) === 0x06054b50 && view.getUint32(at + 16, true) === start;
  demand(ends && view.getUint16(at + 10, true) === entries.length, 'That file does not end as a bundle ends.');
}

// The index of that file lists what this page lists, and the page that came with it.
async function checkIndex(made, evidence) {
  demand(made.has('index.json') && made.has('index.html'), 'That file lacks its index or its page.');
  const listed = readJson(made.get('index.json'), 'The index').files;
  const shown = await digest(made.get('index.html'));
  demand(listed.some((row) => row.path === 'index.html' && row.sha256 === shown), 'The page in that file is not the one that its index lists.');
  const rest = listed.filter((row) => row.path !== 'index.html');
  demand(canonical(rest) === canonical(evidence.rows), 'The index of that file lists other documents than this page.');
}
