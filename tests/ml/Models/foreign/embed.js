// Vectors of texts by ONNX Runtime and Hugging Face's library, put together by hand: mean over the tokens, length 1.
// usage: node embed.js MODEL.onnx TOKENIZER.json TEXTS.json VECTORS.f32 TOKENS_MAX      with NODE_PATH where the packages are
"use strict";
const fs = require("fs");
const ort = require("onnxruntime-node");
const { Tokenizer } = require("tokenizers");

(async () => {
  const [model, tokenizerFile, textsFile, target, tokensMax] = process.argv.slice(2);
  const session = await ort.InferenceSession.create(model);
  const tokenizer = Tokenizer.fromString(fs.readFileSync(tokenizerFile, "utf8"));
  tokenizer.setTruncation(Number(tokensMax));
  const texts = JSON.parse(fs.readFileSync(textsFile, "utf8"));
  const file = fs.openSync(target, "w");
  for (const text of texts) {
    const ids = (await tokenizer.encode(text, null, { addSpecialTokens: true })).getIds();
    const shape = [1, ids.length];
    const feeds = {};
    for (const name of session.inputNames) {
      const of = name === "input_ids" ? ids.map(BigInt) : ids.map(() => (name === "attention_mask" ? 1n : 0n));
      feeds[name] = new ort.Tensor("int64", BigInt64Array.from(of), shape);
    }
    const output = (await session.run(feeds))[session.outputNames[0]];
    const width = output.dims[output.dims.length - 1];
    const vector = new Float64Array(width);
    for (let i = 0; i < output.data.length; i++) vector[i % width] += output.data[i];
    const length = Math.hypot(...vector);
    fs.writeSync(file, Buffer.from(Float32Array.from(vector, value => value / length).buffer));
  }
})();
