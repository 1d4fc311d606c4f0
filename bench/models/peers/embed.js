// Embeds texts in batches with ONNX Runtime and Hugging Face's library, and prints how many seconds that took.
// usage: node embed.js MODEL.onnx TOKENIZER.json TEXTS.json BATCH ROUNDS TOKENS_MAX      with NODE_PATH where the packages are
"use strict";
const fs = require("fs");
const ort = require("onnxruntime-node");
const { Tokenizer } = require("tokenizers");

(async () => {
  const [model, tokenizerFile, textsFile, batch, rounds, tokensMax] = process.argv.slice(2);
  const session = await ort.InferenceSession.create(model);
  const tokenizer = Tokenizer.fromString(fs.readFileSync(tokenizerFile, "utf8"));
  tokenizer.setTruncation(Number(tokensMax));
  tokenizer.setPadding({});
  const texts = JSON.parse(fs.readFileSync(textsFile, "utf8"));

  async function embed(some) {
    const encodings = await tokenizer.encodeBatch(some, { addSpecialTokens: true });
    const width = encodings[0].getLength(), shape = [some.length, width];
    const ids = new BigInt64Array(some.length * width), mask = new BigInt64Array(ids.length);
    encodings.forEach((encoding, row) => {
      encoding.getIds().forEach((id, i) => { ids[row * width + i] = BigInt(id); });
      encoding.getAttentionMask().forEach((one, i) => { mask[row * width + i] = BigInt(one); });
    });
    const output = await session.run({
      input_ids: new ort.Tensor("int64", ids, shape),
      attention_mask: new ort.Tensor("int64", mask, shape),
      token_type_ids: new ort.Tensor("int64", new BigInt64Array(ids.length), shape),
    });
    const { data, dims } = output[session.outputNames[0]];
    const d = dims[2], vectors = new Float32Array(some.length * d);
    for (let row = 0; row < some.length; row++) {
      let count = 0;
      for (let i = 0; i < width && mask[row * width + i] === 1n; i++, count++)
        for (let j = 0; j < d; j++) vectors[row * d + j] += data[(row * width + i) * d + j];
      let square = 0;
      for (let j = 0; j < d; j++) { vectors[row * d + j] /= count; square += vectors[row * d + j] ** 2; }
      for (let j = 0; j < d; j++) vectors[row * d + j] /= Math.sqrt(square);
    }
    return vectors;
  }

  await embed(texts.slice(0, 8));
  for (let round = 0; round < Number(rounds); round++) {
    const start = process.hrtime.bigint();
    // As a caller who knows his trade does it: texts of like length together.
    const sorted = [...texts].sort((a, b) => b.length - a.length);
    for (let at = 0; at < sorted.length; at += Number(batch)) await embed(sorted.slice(at, at + Number(batch)));
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
  }
})();
