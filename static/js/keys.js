// Ask the browser for a passkey, or for its signature, and send what it answers with the form.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const named = (ids) =>
  ids
    .split(" ")
    .filter(Boolean)
    .map((id) => ({ type: "public-key", id: bytes(id) }));

// A new passkey: ES256 alone, since OpenSSH's form of signatures carries no other; it must verify its holder.
async function create(form) {
  const { challenge, rp, user, name, excluded } = form.dataset;
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(challenge),
      rp: { id: rp, name: "KFM Review, signing" },
      user: { id: new TextEncoder().encode(`signing:${user}`), name: user, displayName: name },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: named(excluded),
      attestation: "direct",
      timeout: 120000,
    },
  });
  return { attestation: text(made.response.attestationObject), client_data: text(made.response.clientDataJSON) };
}

// A signature: the challenge is the very blob that an SSH signature signs.
async function get(form) {
  const { challenge, rp, credentials } = form.dataset;
  const answer = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(challenge),
      rpId: rp,
      allowCredentials: named(credentials),
      userVerification: "required",
      timeout: 120000,
    },
  });
  return {
    credential: text(answer.rawId),
    authenticator_data: text(answer.response.authenticatorData),
    client_data: text(answer.response.clientDataJSON),
    signature: text(answer.response.signature),
  };
}

const asks = { create, get };
const reasons = {
  NotAllowedError: "The browser got no answer from a passkey, or you cancelled. Try again.",
  InvalidStateError: "This device holds a passkey for signing already. Use it, or another device.",
  SecurityError: "This page’s address is not the one passkeys are made for here.",
  NotSupportedError: "This device cannot make a passkey of the kind ES256.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector(".problem");
  const button = form.querySelector("[data-rank=first]");
  const say = (words) => {
    problem.hidden = !words;
    problem.textContent = words;
  };
  button.disabled = !window.PublicKeyCredential; // before this line a press would send an empty form
  if (button.disabled) say("This browser has no passkeys. Use another one, or sign at a terminal.");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    button.disabled = true;
    try {
      const fields = await asks[form.dataset.passkey](form);
      for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
      form.submit();
    } catch (broke) {
      say(reasons[broke.name] ?? `The passkey could not be used: ${broke.message}`);
      button.disabled = false;
    }
  });
}
