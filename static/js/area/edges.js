// The four numbers of an area, typed or drawn; whoever shows them hears of every change.
export class Edges extends EventTarget {
  #fields;

  /** Take the fields of west, south, east and north. */
  constructor(fields) {
    super();
    this.#fields = fields;
    for (const field of fields) field.addEventListener("input", () => this.#tell());
  }

  get isEmpty() {
    return this.#fields.every((field) => field.value === "" && !field.validity.badInput);
  }

  /** Return west, south, east and north, or null where they are no box. */
  get box() {
    const box = this.#fields.map((field) => field.valueAsNumber);
    const [west, south, east, north] = box;
    return this.#fields.every((field) => field.validity.valid) && west < east && south < north ? box : null;
  }

  set(box) {
    this.#fields.forEach((field, at) => (field.value = String(box[at])));
    this.#tell();
  }

  clear() {
    for (const field of this.#fields) field.value = "";
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
