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
  const made = new Map();
  let at = 0;
  while (at + 30 <= bytes.length && view.getUint32(at, true) === 0x04034b50) {
    const [size, named, extra] = [view.getUint32(at + 18, true), view.getUint16(at + 26, true), view.getUint16(at + 28, true)];
    const name = text(bytes.subarray(at + 30, at + 30 + named));
    const start = at + 30 + named + extra;
    demand(view.getUint16(at + 8, true) === 0 && start + size <= bytes.length, `${name} is not stored as a bundle stores it.`);
    if (wanted.has(name)) {
      const found = await digest(bytes.subarray(start, start + size));
      demand(found === wanted.get(name), `${name} in that file is another one than in this page.`);
      wanted.delete(name);
    } else {
      made.set(name, bytes.subarray(start, start + size));
      demand(name === 'index.html' || name === 'index.json', `${name} is in that file and not in this page’s list.`);
    }
    at = start + size;
  }
  demand(wanted.size === 0, `That file lacks ${[...wanted.keys()].slice(0, 5).join(', ')}.`);
  await checkIndex(made, evidence);
  return `every document is the one that this page lists, ${evidence.rows.length} of them`;
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
