namespace VecSQL.Kit.Models;

/// <summary>A small transformer with weights from a seed: what sentence-embedding models look like, without their
/// worth.</summary>
/// <remarks>Embeddings of tokens, positions and types, then layers of attention under a mask and of a network, each with
/// normalisation. Equal options give equal bytes.</remarks>
public sealed record SampleModel
{
    public int TokenCount { get; init; } = 4000;

    public int PositionCount { get; init; } = 512;

    public int Dimensions { get; init; } = 32;

    public int LayerCount { get; init; } = 2;

    public bool HasTypes { get; init; } = true;

    /// <summary>The inputs' type: int64 or int32.</summary>
    public int InputElement { get; init; } = OnnxBuilder.Int64;

    /// <summary>Texts of each run; negative: any number.</summary>
    public int TextsFixed { get; init; } = -1;

    /// <summary>Tokens of each text; negative: any number.</summary>
    public int TokensFixed { get; init; } = -1;

    /// <summary>Whether it pools by itself, and puts out one vector a text.</summary>
    public bool IsPooled { get; init; }

    public int OutputElement { get; init; } = OnnxBuilder.Float32;

    /// <summary>What the last normalisation multiplies by.</summary>
    public float Gain { get; init; } = 1;

    /// <summary>What the output is called; empty: as exporters call it.</summary>
    public string OutputName { get; init; } = "";

    public ulong Seed { get; init; } = 1;

    public byte[] Build() => new Writing(this).Build();

    private sealed class Writing(SampleModel model)
    {
        private readonly OnnxBuilder _onnx = new();
        private readonly int _width = model.Dimensions;
        private ulong _state = model.Seed;

        internal byte[] Build()
        {
            string[] names = model.HasTypes ? ["input_ids", "attention_mask", "token_type_ids"]
                : ["input_ids", "attention_mask"];
            foreach (string name in names)
                _onnx.Port(isInput: true, name, model.InputElement, model.TextsFixed, model.TokensFixed);
            string mask = Apply("Cast", ["attention_mask"], ("to", 1));
            string values = Embed();
            string bias = Apply("Mul",
                [Apply("Sub", [Apply("Unsqueeze", [mask, Longs(1)]), Scalar(1)]), Scalar(10000)]);
            for (int layer = 0; layer < model.LayerCount; layer++)
                values = Layer(values, bias);
            string name1 = model.OutputName.Length > 0 ? model.OutputName
                : model.IsPooled ? "sentence_embedding" : "last_hidden_state";
            if (model.IsPooled)
                values = Pool(values, mask);
            _onnx.ApplyAs(name1, "Cast", [values], ("to", model.OutputElement));
            long[] lengths = model.IsPooled ? [-1, _width] : [-1, -1, _width];
            _onnx.Port(isInput: false, name1, model.OutputElement, lengths);
            return _onnx.ToArray();
        }

        private string Embed()
        {
            string words = Apply("Gather", [Weights(1, model.TokenCount, _width), "input_ids"]);
            string length = Apply("Gather", [Apply("Shape", ["input_ids"]), Longs(1)]);
            string places = Apply("Slice", [Weights(1, model.PositionCount, _width), Longs(0), length, Longs(0)]);
            string sum = Apply("Add", [words, places]);
            if (model.HasTypes)
                sum = Apply("Add", [sum, Apply("Gather", [Weights(1, 2, _width), "token_type_ids"])]);
            return Normalize(sum);
        }

        private string Layer(string values, string bias)
        {
            float scale = 1 / MathF.Sqrt(_width);
            string query = Project(values, _width, _width), key = Project(values, _width, _width);
            string scores = Apply("MatMul", [query, Apply("Transpose", [key], ("perm", new long[] { 0, 2, 1 }))]);
            string shares = Apply("Softmax",
                [Apply("Add", [Apply("Mul", [scores, Scalar(scale * 8)]), bias])], ("axis", -1));
            string heard = Apply("MatMul", [shares, Project(values, _width, _width)]);
            values = Normalize(Apply("Add", [values, Project(heard, _width, _width)]));
            string inner = Apply("Tanh", [Project(values, _width, 4 * _width)]);
            return Normalize(Apply("Add", [values, Project(inner, 4 * _width, _width)]));
        }

        private string Pool(string values, string mask)
        {
            string weights = Apply("Unsqueeze", [mask, Longs(2)]);
            string sum = Apply("ReduceSum", [Apply("Mul", [values, weights]), Longs(1)], ("keepdims", 0));
            return Apply("Div", [sum, Apply("ReduceSum", [weights, Longs(1)], ("keepdims", 0))]);
        }

        private string Project(string values, int from, int to) =>
            Apply("MatMul", [values, Weights(1 / MathF.Sqrt(from), from, to)]);

        private string Normalize(string values)
        {
            float[] ones = new float[_width];
            Array.Fill(ones, model.Gain);
            return Apply("LayerNormalization",
                [values, _onnx.Constant(ones, _width), _onnx.Constant(new float[_width], _width)], ("axis", -1));
        }

        private string Apply(string operation, string[] inputs, params (string, object)[] attributes) =>
            _onnx.Apply(operation, inputs, attributes);

        private string Scalar(float value) => _onnx.Constant([value]);

        private string Longs(long value) => _onnx.Constant([value], 1);

        /// <summary>Numbers from -scale to scale, all from the seed.</summary>
        private string Weights(float scale, int rows, int columns)
        {
            float[] values = new float[rows * columns];
            for (int i = 0; i < values.Length; i++)
            {
                _state = (_state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
                values[i] = scale * (((_state >> 40) / (float)(1 << 23)) - 1);
            }
            return _onnx.Constant(values, rows, columns);
        }
    }
}
