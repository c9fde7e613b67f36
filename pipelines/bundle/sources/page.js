// What is seen: each check with a word, a shape and a colour.

const STATES = { good: ['\u25cf', 'Holds'], bad: ['\u25a0', 'Fails'], open: ['\u25b2', 'Open'] };
const place = (id) => document.getElementById(id);

function made(name, { text: said = '', ...attributes } = {}, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(said, ...inside);
  return element;
}

function line(title, state, said) {
  const [shape, word] = STATES[state];
  return made('li', { 'data-check': title, 'data-holds': state === 'good' },
    made('span', { class: 'mark', 'data-state': state, text: `${shape} ${word}` }),
    made('span', { class: 'title', text: title }),
    made('p', { class: 'said', text: said }));
}

async function asked(title, ask) {
  try {
    return line(title, 'good', await ask());
  } catch (broke) {
    return line(title, 'bad', broke instanceof NotProved ? broke.message : `It cannot be read: ${broke.message}`);
  }
}

async function run(told, root) {
  const rows = [];
  let evidence = null;
  rows.push(await asked('Documents', async () => {
    evidence = new Evidence(told, root);
    return `${evidence.about.kind} of ${evidence.about.asset}`;
  }));
  if (evidence !== null) {
    for (const [title, check] of CHECKS) rows.push(await asked(title, () => check(evidence)));
  }
  return { rows, evidence };
}

function ownRoot(told) {
  try {
    const payload = JSON.parse(text(fromBase64(told.files['roster/00001.json']))).payload;
    return JSON.parse(text(fromBase64(payload))).predicate.root;
  } catch {
    return '';
  }
}

function sayRoot(pinned, mine) {
  const said = place('root-said');
  said.dataset.state = pinned === '' ? 'open' : pinned === mine ? 'good' : 'bad';
  said.textContent = pinned === ''
    ? `\u25b2 Open: the bundle itself names ${mine || 'no root'}. Until you compare it, this shows only that the bundle agrees with itself.`
    : pinned === mine ? '\u25cf Holds: it is the root that you trust.' : '\u25a0 Fails: this bundle does not lead to that root.';
}

async function show(told) {
  const pinned = place('root').value.trim();
  const mine = ownRoot(told);
  sayRoot(pinned, mine);
  const { rows, evidence } = await run(told, pinned || mine);
  place('checks').replaceChildren(...rows);
  const failed = rows.filter((row) => row.dataset.holds !== 'true').length;
  const state = failed ? 'bad' : pinned === '' ? 'open' : 'good';
  place('verdict').dataset.state = state;
  place('verdict').textContent = failed ? `\u25a0 ${failed} of ${rows.length} checks fail. Do not rely on this.`
    : pinned === '' ? `\u25b2 All ${rows.length} checks hold; the root is still to be compared.`
      : `\u25cf All ${rows.length} checks hold, under the root that you trust.`;
  document.documentElement.dataset.checked = String(Date.now());
  return evidence;
}

function describe(evidence, told) {
  const { kind, asset, release, review } = evidence.about;
  place('of').textContent = kind === 'release' ? `Evidence of release ${release}` : `Evidence of review ${review}`;
  place('what').textContent = `${asset}: ${evidence.manifest.title}, edition ${evidence.manifest.edition}`;
  document.title = `${asset} – ${place('of').textContent}`;
  place('files').replaceChildren(...told.rows.map((row) => made('li', { text: `${row.path}, ${row.size.toLocaleString('en')} bytes` },
    made('span', { class: 'digest', text: `sha256:${row.sha256}` }))));
}

async function begin() {
  const told = JSON.parse(place('documents').textContent);
  let evidence = await show(told);
  if (evidence !== null) describe(evidence, told);
  place('root').addEventListener('change', async () => {
    evidence = await show(told);
  });
  place('chosen').addEventListener('change', async (event) => {
    const rows = [];
    for (const file of event.target.files) {
      rows.push(await asked(file.name, async () => {
        demand(evidence !== null, 'The documents of this page cannot be read.');
        return judgeChosen(file, evidence);
      }));
    }
    place('chosen-said').replaceChildren(...rows);
  });
}

begin().catch((broke) => {
  place('verdict').dataset.state = 'bad';
  place('verdict').textContent = `\u25a0 Nothing could be checked: ${broke.message}`;
});
