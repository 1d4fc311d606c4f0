// Tokens of texts, by Hugging Face's library: one line of numbers a text, for one tokenizer after the other.
// usage: node encode.js TEXTS.json TOKENIZER.json...      with NODE_PATH where the package is
"use strict";
const fs = require("fs");
const { Tokenizer } = require("tokenizers");

(async () => {
  const texts = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  for (const file of process.argv.slice(3)) {
    const tokenizer = Tokenizer.fromString(fs.readFileSync(file, "utf8"));
    for (let start = 0; start < texts.length; start += 1000) {
      const some = await tokenizer.encodeBatch(texts.slice(start, start + 1000), { addSpecialTokens: true });
      process.stdout.write(some.map(one => one.getIds().join(" ")).join("\n") + "\n");
    }
  }
})();
