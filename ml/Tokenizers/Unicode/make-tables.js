// Writes tables.txt: what Hugging Face's library (npm "tokenizers") takes each code point for. It mixes several versions of
// Unicode, so it is asked for every code point rather than any standard.
// usage: node make-tables.js > tables.txt      with NODE_PATH where the package is
"use strict";
const { Tokenizer } = require("tokenizers");

const bare = {
  version: "1.0", added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null,
  truncation: null, padding: null, model: { type: "WordLevel", vocab: { a: 0 }, unk_token: "a" },
};
const load = part => Tokenizer.fromString(JSON.stringify({ ...bare, ...part }));
const normalizer = part => {
  const loaded = load({ normalizer: part }).getNormalizer();
  return text => loaded.normalizeString(text);
};
const splitter = part => {
  const loaded = load({ pre_tokenizer: part }).getPreTokenizer();
  return text => loaded.preTokenizeString(text).length;
};
const bert = part => normalizer({
  type: "BertNormalizer", clean_text: false, handle_chinese_chars: false, strip_accents: false, lowercase: false, ...part });

const hex = point => point.toString(16).toUpperCase();
const points = text => Array.from(text, sign => hex(sign.codePointAt(0))).join(" ");
const lines = [];

function* all() {
  for (let point = 0; point < 0x110000; point++)
    if (point < 0xD800 || point > 0xDFFF) yield point;
}

function set(name, isIn) {
  const ranges = [];
  let last = -2;
  for (const point of all()) {
    if (!isIn(String.fromCodePoint(point))) continue;
    if (point === last + 1) ranges[ranges.length - 1][1] = point;
    else ranges.push([point, point]);
    last = point;
  }
  for (const [from, to] of ranges) lines.push(`${name} ${hex(from)} ${hex(to)}`);
}

const clean = bert({ clean_text: true }), chinese = bert({ handle_chinese_chars: true });
const strip = bert({ strip_accents: true }), stripAccents = normalizer({ type: "StripAccents" });
const punctuation = splitter({ type: "Punctuation" }), digits = splitter({ type: "Digits", individual_digits: true });
set("removed", sign => clean(`a${sign}b`) === "ab");
set("chinese", sign => chinese(sign) !== sign);
set("punctuation", sign => punctuation(`a${sign}b`) === 3);
set("digit", sign => digits(`a${sign}b`) === 3);
set("accent", sign => strip(`a${sign}`) === "a");
set("mark", sign => stripAccents(`a${sign}`) === "a");

const lower = normalizer({ type: "Lowercase" });
for (const point of all()) {
  const sign = String.fromCodePoint(point), small = lower(sign);
  if (small !== sign) lines.push(`lower ${hex(point)} ${points(small)}`);
}

// Marks of each class: of two marks in a row, that of the lower class comes first.
const [nfc, nfd, nfkd] = ["NFC", "NFD", "NFKD"].map(type => normalizer({ type }));
const steps = [[1, 0x334], [7, 0x93C], [8, 0x3099], [9, 0x94D], [10, 0x5B0], [11, 0x5B1], [12, 0x5B2], [13, 0x5B3],
  [14, 0x5B4], [15, 0x5B5], [16, 0x5B6], [17, 0x5B7], [18, 0x5B8], [19, 0x5B9], [20, 0x5BB], [21, 0x5BC], [22, 0x5BD],
  [23, 0x5BF], [24, 0x5C1], [25, 0x5C2], [26, 0xFB1E], [27, 0x64B], [28, 0x64C], [29, 0x64D], [30, 0x64E], [31, 0x64F],
  [32, 0x650], [33, 0x651], [34, 0x652], [35, 0x670], [36, 0x711], [84, 0xC55], [91, 0xC56], [103, 0xE38], [107, 0xE48],
  [118, 0xEB8], [122, 0xEC8], [129, 0xF71], [130, 0xF72], [132, 0xF74], [202, 0x327], [214, 0x1DCE], [216, 0x31B],
  [218, 0x302A], [220, 0x316], [222, 0x59A], [224, 0x302E], [226, 0x1D16D], [228, 0x5AE], [230, 0x300], [232, 0x315],
  [233, 0x35C], [234, 0x35D], [240, 0x345]];
const goesBefore = (sign, other) => nfd(`a${other}${sign}`) === `a${sign}${other}` && sign !== other;
for (const point of all()) {
  const sign = String.fromCodePoint(point);
  if (nfd(sign) !== sign || point === 0x345) continue;
  if (goesBefore(sign, "\u0345")) {
    // The lowest class that it goes before is the one above its own.
    const above = steps.findIndex(step => goesBefore(sign, String.fromCodePoint(step[1])));
    lines.push(`class ${hex(point)} ${steps[above - 1][0]}`);
  } else if (goesBefore("\u0300", sign)) {
    lines.push(`class ${hex(point)} 240`);
  }
}
lines.push("class 345 240");

for (const point of all()) {
  if (point >= 0xAC00 && point <= 0xD7A3) continue; // Hangul syllables follow a rule
  const sign = String.fromCodePoint(point), canonical = nfd(sign), compatible = nfkd(sign);
  if (canonical !== sign) lines.push(`${nfc(sign) === sign ? "compose" : "decompose"} ${hex(point)} ${points(canonical)}`);
  if (compatible !== canonical) lines.push(`compatible ${hex(point)} ${points(compatible)}`);
}
console.log(lines.join("\n"));
