// The tree of the audit: leaves, proofs, and the signed note about its root.

const leafHash = (body) => sha256(joined(Uint8Array.of(0), body));
const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

async function checkInclusion(leaf, index, size, path, root) {
  demand(index >= 0 && index < size, `There is no line ${index} in a tree of ${size}.`);
  let [at, last, found] = [index, size - 1, leaf];
  for (const other of path) {
    demand(last > 0 && other.length === 32, 'The proof goes on after the root.');
    if (at % 2 === 1 || at === last) {
      found = await nodeHash(other, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      found = await nodeHash(found, other);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  demand(last === 0 && same(found, root), `Line ${index} does not lead to the root.`);
}

function readNote(said) {
  const cut = said.lastIndexOf('\n\n');
  demand(cut > 0 && said.endsWith('\n'), 'This is no signed note.');
  const lines = said.slice(cut + 2, -1).split('\n').map((line) => {
    const found = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/.exec(line);
    demand(found !== null, 'A signature line is damaged.');
    const blob = fromBase64(found[2]);
    return { name: found[1], id: toHex(blob.subarray(0, 4)), blob: blob.subarray(4) };
  });
  const body = said.slice(0, cut + 1);
  const [origin, size, root] = body.split('\n');
  demand(/^(0|[1-9]\d{0,15})$/.test(size ?? ''), 'The checkpoint has no size.');
  return { text: body, lines, origin, size: Number(size), root: fromBase64(root ?? '') };
}

async function keyId(name, kind, material) {
  const whole = joined(utf8(`${name}\n`), Uint8Array.of(kind), material);
  return toHex((await sha256(whole)).subarray(0, 4));
}

function machinesOf(roster, role) {
  return [...roster.keys.values()].filter((one) => one.roles.includes(role) && one.holder.startsWith('machine:') && one.key.type === ED25519);
}

async function readTime(line) {
  demand(line.blob.length === 72, 'A cosignature has another length.');
  return Number(new DataView(line.blob.slice(0, 8).buffer).getBigUint64(0));
}

// Returns who signed the checkpoint and who saw it when; refuses one with a line by somebody else.
async function checkNote(note, chain) {
  const roster = chain.at(-1);
  let [log, seen] = [null, []];
  for (const line of note.lines) {
    let known = false;
    for (const one of machinesOf(roster, 'sequencer')) {
      if (line.name !== note.origin || line.id !== (await keyId(line.name, 1, one.key.material))) continue;
      demand(log === null && (await holds(one.key, line.blob, utf8(note.text))), 'The checkpoint is not signed by the log.');
      [log, known] = [one, true];
    }
    for (const one of machinesOf(roster, 'witness')) {
      if (line.id !== (await keyId(line.name, 4, one.key.material))) continue;
      const at = await readTime(line);
      const signed = utf8(`cosignature/v1\ntime ${at}\n${note.text}`);
      demand(await holds(one.key, line.blob.subarray(8), signed), 'A cosignature is not of this checkpoint.');
      known = true;
      seen.push({ one, at: at * 1000, name: line.name });
    }
    demand(known, 'The checkpoint bears a signature of somebody who is not on the roster.');
  }
  demand(log !== null && seen.length > 0, 'The checkpoint lacks the signature of the log, or of a witness.');
  const at = Math.max(...seen.map((each) => each.at));
  keyAt(rosterAt(chain, at), log.fingerprint, at, 'sequencer');
  for (const each of seen) keyAt(rosterAt(chain, at), each.one.fingerprint, at, 'witness');
  return { at, names: seen.map((each) => each.name) };
}

function readProof(said) {
  const cut = said.indexOf('\n\n');
  const rows = said.slice(0, cut).split('\n');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(rows[1] ?? '');
  demand(cut > 0 && rows[0] === 'c2sp.org/tlog-proof@v1' && index !== null, 'This is no proof.');
  return { index: Number(index[1]), path: rows.slice(2).map(fromBase64), checkpoint: said.slice(cut + 2) };
}
