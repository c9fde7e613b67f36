// Put the theme a person chose on the page before it is drawn.
(() => {
  try {
    const chosen = localStorage.getItem("kfm-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is forbidden: the system's theme stands.
  }
})();
