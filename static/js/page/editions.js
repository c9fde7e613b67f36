// Choose "deliver a file" by itself when a file or its edition is given.
for (const form of document.querySelectorAll("form.request")) {
  const own = form.querySelector('input[name="edition"][value=""]');
  const given = form.querySelectorAll('input[type="file"], input[name="named"]');
  for (const field of given) {
    field.addEventListener("input", () => {
      if (own && field.value) own.checked = true;
    });
  }
}
