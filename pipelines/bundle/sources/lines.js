// Lines of the audit: each read whole, or refused by its name, and none passed over.

const STATEMENT = { manifest: 'string', statement: 'string' };
const DETAILS = new Map(Object.entries({
  'review.opened': { manifest: 'string', run: 'string', pool: 'string' },
  'review.decided': { manifest: 'string', verdict: 'string', role: 'string', n: 'number' },
  'promotion.verified': { manifest: 'string', verification: 'string' },
  'release.published': { manifest: 'string', number: 'number', promotion: 'number', documents: 'list' },
  'exception.granted': { ...STATEMENT, signed_by: 'list' },
  'exception.denied': STATEMENT,
  'exception.revoked': STATEMENT,
  'exception.voided': STATEMENT,
  'exception.expired': STATEMENT,
  'standing-approval.signed': { statement: 'string' },
  'standing-approval.used': { ...STATEMENT, review: 'number', signed_by: 'string' },
  'standing-approval.ended': { statement: 'string' },
  'roster.adopted': { statement: 'string', signed_by: 'string' },
}));
const OF_EVENT = 'action,actor,at,details,family,schema,target,why';
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const kindOf = (value) => (Array.isArray(value) && value.every((one) => typeof one === 'string') ? 'list' : typeof value);

function readEvent(bytes, name) {
  demand(/^audit\/events\/\d{12}\.json$/.test(name), `${name} does not say which line of the audit it is.`);
  const said = readJson(bytes, name);
  demand(isObject(said) && Object.keys(said).sort().join() === OF_EVENT && said.schema === 'kfm/event/1', `${name} is no line of the audit.`);
  const words = ['at', 'action', 'target', 'family', 'why'].every((one) => typeof said[one] === 'string');
  demand(words && (said.actor === null || typeof said.actor === 'string'), `${name} is no line of the audit: its words are no words.`);
  try {
    moment(said.at);
  } catch {
    throw new NotProved(`${name} is no line of the audit: its moment is none.`);
  }
  demand(isObject(said.details), `${name} is no line of the audit: its details are none.`);
  demand(Object.values(said.details).every((one) => one === null || kindOf(one) !== 'object'), `${name} is no line of the audit: its details are none.`);
  for (const [key, kind] of Object.entries(DETAILS.get(said.action) ?? {})) {
    const value = own(said.details, key);
    demand(kindOf(value) === kind && (kind !== 'number' || Number.isInteger(value)), `${name}: ${said.action} does not say its ${key}.`);
    if (['manifest', 'statement', 'verification'].includes(key)) demand(/^[0-9a-f]{64}$/.test(value), `${name}: ${said.action} does not name its ${key} by a digest.`);
  }
  return said;
}
