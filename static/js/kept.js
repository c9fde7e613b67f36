// Remember small things of this browser; where storage is forbidden they last for the page.
const page = new Map();

export function read(name, { session = false } = {}) {
  try {
    return (session ? sessionStorage : localStorage).getItem(`kfm-${name}`);
  } catch {
    return page.get(name) ?? null;
  }
}

export function keep(name, value, { session = false } = {}) {
  page.set(name, value);
  try {
    (session ? sessionStorage : localStorage).setItem(`kfm-${name}`, value);
  } catch {
    // It lasts for this page.
  }
}

export function forget(name, { session = false } = {}) {
  page.delete(name);
  try {
    (session ? sessionStorage : localStorage).removeItem(`kfm-${name}`);
  } catch {
    // There was nothing.
  }
}
