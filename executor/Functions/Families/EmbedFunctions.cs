using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Ml.Embedders;

namespace VecSQL.Executor.Functions.Families;

/// <summary>embed(text) and embed(model, text): a batch's texts go to the embedder together.</summary>
internal static class EmbedFunctions
{
    public static void Define(FunctionTable table)
    {
        table.Vector("embed", new Embed(hasModel: false));
        table.Vector("embed_model", new Embed(hasModel: true));
    }

    private sealed class Embed(bool hasModel) : VectorFunction
    {
        private const int TextsMax = 256; // so that a statement can be cancelled between

        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var texts = (BinaryColumn)arguments[hasModel ? 1 : 0].Expand();
            if (!hasModel)
                return Run(context.Session.Embedder(null), texts, validity, context);
            var models = (BinaryColumn)arguments[0];
            if (models.IsConstant)
                return Run(EmbedderOf(models, 0, context), texts, validity, context);
            var target = new BinaryColumnBuilder(rowCount);
            for (int row = 0; row < rowCount; row++)
            {
                if (!validity.IsAbsent && !validity[row])
                    target.AppendNull();
                else
                    target.AppendFrom(Run(EmbedderOf(models, row, context), (BinaryColumn)texts.Slice(row, 1), default,
                        context), 0);
            }
            return target.Build();
        }

        private static ITextEmbedder EmbedderOf(BinaryColumn models, int row, EvaluationContext context) =>
            context.Session.Embedder(System.Text.Encoding.UTF8.GetString(models[row]));

        private static BinaryColumn Run(
            ITextEmbedder embedder, BinaryColumn texts, Bitmap validity, EvaluationContext context)
        {
            int count = texts.Length, dimensions = embedder.Dimensions;
            float[] vectors = new float[count * dimensions];
            for (int start = 0; start < count; start += TextsMax)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                int some = Math.Min(TextsMax, count - start); // null rows are empty texts
                embedder.Embed(texts.Data, texts.Starts.Slice(start, some), texts.Lengths.Slice(start, some),
                    vectors.AsSpan(start * dimensions, some * dimensions));
            }
            return BinaryColumn.FixedStride(ColumnBuffer.Wrap(vectors), dimensions * sizeof(float), count, validity);
        }
    }
}
