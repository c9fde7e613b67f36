// What stands in the place of a map or a list while it is read, and when it cannot be had.
import { element, shape } from "../drawn.js";

export function reading(place, words) {
  const bars = Array.from({ length: 4 }, () => element("i"));
  place.replaceChildren(element("div", { class: "pending", role: "status" }, element("p", { class: "note" }, words), ...bars));
}

/** Say the cause, and offer to try again. */
export function failed(place, { strong, cause, again }) {
  const retry = element("button", { class: "button", type: "button" }, "Try again");
  retry.addEventListener("click", again);
  const words = element("p", {}, element("b", {}, strong), ` ${cause}`);
  place.replaceChildren(element("div", { class: "banner", "data-tone": "fail", role: "alert" }, shape("FAIL"), words, again ? retry : null));
}
