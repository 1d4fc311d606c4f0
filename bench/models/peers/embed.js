// Embeds texts in batches with ONNX Runtime and Hugging Face's library, when it is told to.
// usage: node embed.js MODEL.onnx TOKENIZER.json TEXTS.json VECTORS BATCH TOKENS_MAX THREADS      with NODE_PATH where the packages are
// Each line of input is "texts FROM TO" or "tokens FROM TO", the latter of texts that were tokenised beforehand; the answer is how many
// seconds it took. The vectors lie in the file then, in the order of the texts.
"use strict";
const fs = require("fs");
const readline = require("readline");
const ort = require("onnxruntime-node");
const { Tokenizer } = require("tokenizers");

(async () => {
  const [model, tokenizerFile, textsFile, vectorsFile, batch, tokensMax, threads] = process.argv.slice(2);
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: Number(threads), interOpNumThreads: 1 });
  const tokenizer = Tokenizer.fromString(fs.readFileSync(tokenizerFile, "utf8"));
  tokenizer.setTruncation(Number(tokensMax));
  const texts = JSON.parse(fs.readFileSync(textsFile, "utf8"));
  const tokenised = new Array(texts.length);

  async function tokenise(some) {
    const encodings = await tokenizer.encodeBatch(some, { addSpecialTokens: true });
    return encodings.map(encoding => BigInt64Array.from(encoding.getIds(), BigInt));
  }

  async function run(some) {
    const width = Math.max(...some.map(tokens => tokens.length)), shape = [some.length, width];
    const ids = new BigInt64Array(some.length * width), mask = new BigInt64Array(ids.length);
    some.forEach((tokens, row) => {
      ids.set(tokens, row * width);
      mask.fill(1n, row * width, row * width + tokens.length);
    });
    const output = await session.run({
      input_ids: new ort.Tensor("int64", ids, shape),
      attention_mask: new ort.Tensor("int64", mask, shape),
      token_type_ids: new ort.Tensor("int64", new BigInt64Array(ids.length), shape),
    });
    const { data, dims } = output[session.outputNames[0]];
    const d = dims[2], vectors = new Float32Array(some.length * d);
    for (let row = 0; row < some.length; row++) {
      const count = some[row].length;
      for (let i = 0; i < count; i++)
        for (let j = 0; j < d; j++) vectors[row * d + j] += data[(row * width + i) * d + j];
      let square = 0;
      for (let j = 0; j < d; j++) { vectors[row * d + j] /= count; square += vectors[row * d + j] ** 2; }
      for (let j = 0; j < d; j++) vectors[row * d + j] /= Math.sqrt(square);
    }
    return vectors;
  }

  // As a caller who knows his trade does it: texts of like length together.
  async function embed(from, to, lengthOf, tokensOf) {
    const order = Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => lengthOf(b) - lengthOf(a));
    let all = null;
    for (let at = 0; at < order.length; at += Number(batch)) {
      const places = order.slice(at, at + Number(batch));
      const vectors = await run(await tokensOf(places));
      const d = vectors.length / places.length;
      all ??= new Float32Array((to - from) * d);
      places.forEach((place, row) => all.set(vectors.subarray(row * d, (row + 1) * d), (place - from) * d));
    }
    return all;
  }

  await run(await tokenise(texts.slice(0, 8)));
  console.log("ready");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [what, from, to] = line.split(" ");
    if (what === "tokens")
      (await tokenise(texts.slice(Number(from), Number(to)))).forEach((tokens, i) => { tokenised[Number(from) + i] = tokens; });
    const start = process.hrtime.bigint();
    const vectors = what === "tokens"
      ? await embed(Number(from), Number(to), place => tokenised[place].length, places => places.map(place => tokenised[place]))
      : await embed(Number(from), Number(to), place => texts[place].length, places => tokenise(places.map(place => texts[place])));
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    fs.writeFileSync(vectorsFile, Buffer.from(vectors.buffer));
    console.log(seconds);
  }
})();
