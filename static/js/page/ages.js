// Keep ages true while a page stays open, in the words the server uses.
const EVERY_MS = 20_000;
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

export function age(seconds) {
  const whole = Math.floor(seconds);
  if (whole < MINUTE) return "just now";
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const said = age((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== said) time.textContent = said;
  }
}

setInterval(tick, EVERY_MS);
document.addEventListener("visibilitychange", tick);
