// Begin everything that pages share.
import "./deeds.js";
import "./page/theme_switch.js";
import "./page/menus.js";
import "./page/sheets.js";
import "./page/drafts.js";
import "./page/keys.js";
import "./page/rows.js";
import "./page/tabs.js";
import "./page/filters.js";
import "./page/copying.js";
import "./page/ages.js";
import "./page/editions.js";

const place = document.querySelector(".signin-map");
if (place) import("./page/plate.js").then((plate) => plate.draw(place));
