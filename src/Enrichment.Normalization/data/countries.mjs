// Writes countries.tsv from the npm package i18n-iso-countries (MIT). Run by refresh.sh; argument 1 is the unpacked package.
import { readFileSync, writeFileSync } from "node:fs";

const root = process.argv[2];
const read = (path) => JSON.parse(readFileSync(`${root}/${path}`, "utf8"));
const languages = ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "hu", "ro", "tr", "el", "ru", "uk", "ja", "zh", "ko", "ar", "he"];

// The package gives these their long form; what people write comes first, the long form stays an alias.
const shortNames = {
  BN: "Brunei", CD: "DR Congo", CG: "Congo", CI: "Côte d'Ivoire", CN: "China", CZ: "Czechia", FK: "Falkland Islands", FM: "Micronesia",
  GM: "Gambia", IR: "Iran", LA: "Laos", MD: "Moldova", MF: "Saint Martin", MK: "North Macedonia", PS: "Palestine", RE: "Réunion", RU: "Russia",
  SX: "Sint Maarten", SY: "Syria", TW: "Taiwan", TZ: "Tanzania", US: "United States", VA: "Vatican City", VG: "British Virgin Islands",
  VI: "U.S. Virgin Islands",
};

const names = new Map(Object.entries(shortNames).map(([code, name]) => [code, [name]]));
for (const language of languages) {
  for (const [code, value] of Object.entries(read(`langs/${language}.json`).countries)) {
    const list = names.get(code) ?? names.set(code, []).get(code);
    for (const name of [value].flat()) {
      if (!list.includes(name)) list.push(name);
    }
  }
}

// A name that two countries share in two languages would depend on the order of reading: neither gets it.
const owners = new Map();
for (const [code, list] of names) {
  for (const name of list) {
    const key = name.toLowerCase();
    owners.set(key, (owners.get(key) ?? new Set()).add(code));
  }
}

const lines = read("codes.json")
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([alpha2, alpha3]) => {
    const [english, ...others] = names.get(alpha2);
    const aliases = others.filter((name) => owners.get(name.toLowerCase()).size === 1);
    return [alpha2, alpha3, english, aliases.join("|")].join("\t");
  });
const head = "# ISO 3166-1 alpha-2, alpha-3, English name, other names. Written by refresh.sh from i18n-iso-countries (MIT); do not edit, see country_aliases.tsv.";
writeFileSync(process.argv[3], `${head}\n${lines.join("\n")}\n`);
