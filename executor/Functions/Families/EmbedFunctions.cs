using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Executor.Functions.Families;

/// <summary>embed(): a batch's texts go to the embedder together.</summary>
internal static class EmbedFunctions
{
    public static void Define(FunctionTable table)
    {
        table.Vector("embed", new Embed(hasModel: false));
        table.Vector("embed_model", new Embed(hasModel: true));
        table.Vector("embed_array", new EmbedArray(hasModel: false));
        table.Vector("embed_model_array", new EmbedArray(hasModel: true));
        table.Binary("vecsql_wait_embeddings", static (in Row row, BinaryColumnBuilder target) =>
        {
            row.Context.Session.WaitForEmbeddings((uint)row.Int8(0), row.Context.Cancellation);
            target.Append(ReadOnlySpan<byte>.Empty);
        });
    }

    /// <summary>The model of calls without one is the default.</summary>
    private static ITextEmbedder EmbedderOf(ReadOnlySpan<Column> arguments, bool hasModel, int row, EvaluationContext context)
    {
        string model = hasModel ? TextOf(arguments[0], row) : "";
        string role = hasModel && arguments.Length > 2 ? TextOf(arguments[2], row) : "document";
        return context.Session.Embedder(model, role switch
        {
            "document" => TextRole.Document,
            "query" => TextRole.Query,
            _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized input type \"{role}\"",
                hint: "Valid input types are \"query\" and \"document\"."),
        });
    }

    private static string TextOf(Column texts, int row) => Encoding.UTF8.GetString(((BinaryColumn)texts)[row]);

    private static bool IsOneModel(ReadOnlySpan<Column> arguments, bool hasModel) =>
        !hasModel || (arguments[0].IsConstant && (arguments.Length <= 2 || arguments[2].IsConstant));

    /// <summary>The rows that have texts.</summary>
    private static int[] Known(BinaryColumn texts)
    {
        List<int> rows = new(texts.Length);
        for (int row = 0; row < texts.Length; row++)
        {
            if (!texts.IsNull(row))
                rows.Add(row);
        }
        return [.. rows];
    }

    /// <summary>The vectors of some of the texts, one behind the other.</summary>
    private static float[] Run(
        ITextEmbedder embedder, BinaryColumn texts, ReadOnlySpan<int> rows, CancellationToken cancellation)
    {
        int[] starts = new int[rows.Length], lengths = new int[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            (starts[i], lengths[i]) = (texts.Starts[rows[i]], texts.Lengths[rows[i]]);
        float[] vectors = new float[rows.Length * embedder.Dimensions];
        embedder.Embed(texts.Data, starts, lengths, vectors, cancellation);
        return vectors;
    }

    private sealed class Embed(bool hasModel) : VectorFunction
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var texts = (BinaryColumn)arguments[hasModel ? 1 : 0].Expand();
            if (IsOneModel(arguments, hasModel))
                return Run(EmbedderOf(arguments, hasModel, 0, context), texts, validity, context.Cancellation);
            var target = new BinaryColumnBuilder(rowCount);
            for (int row = 0; row < rowCount; row++)
            {
                if (!validity.IsAbsent && !validity[row])
                    target.AppendNull();
                else
                    target.AppendFrom(Run(EmbedderOf(arguments, hasModel, row, context), (BinaryColumn)texts.Slice(row, 1), default,
                        context.Cancellation), 0);
            }
            return target.Build();
        }

        private static BinaryColumn Run(
            ITextEmbedder embedder, BinaryColumn texts, Bitmap validity, CancellationToken cancellation)
        {
            (int count, int dimensions) = (texts.Length, embedder.Dimensions);
            int[] rows = new int[count];
            int known = 0;
            for (int row = 0; row < count; row++)
            {
                if (validity.IsAbsent || validity[row])
                    rows[known++] = row;
            }
            float[] vectors = EmbedFunctions.Run(embedder, texts, rows.AsSpan(0, known), cancellation);
            if (known < count)
                vectors = Spread(vectors, rows.AsSpan(0, known), count, dimensions);
            return BinaryColumn.FixedStride(ColumnBuffer.Wrap(vectors), dimensions * sizeof(float), count, validity);
        }

        private static float[] Spread(float[] vectors, ReadOnlySpan<int> rows, int count, int dimensions)
        {
            float[] spread = new float[count * dimensions];
            for (int i = 0; i < rows.Length; i++)
                vectors.AsSpan(i * dimensions, dimensions).CopyTo(spread.AsSpan(rows[i] * dimensions));
            return spread;
        }
    }

    /// <summary>A text array gives an array of the same shape, NULL where there is no text.</summary>
    private sealed class EmbedArray(bool hasModel) : VectorFunction
    {
        private const int TextsMax = 1024; // at once, so that long arrays need no memory beside their result's

        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var arrays = (BinaryColumn)arguments[hasModel ? 1 : 0];
            var builder = new ArrayBuilder(TypeOid.Vector);
            var target = new BinaryColumnBuilder(rowCount);
            for (int row = 0; row < rowCount; row++)
            {
                if (!validity.IsAbsent && !validity[row])
                {
                    target.AppendNull();
                    continue;
                }
                ArrayValue array = new(arrays[row]);
                AppendVectors(array, EmbedderOf(arguments, hasModel, row, context), builder.Elements, context.Cancellation);
                int[] lengths = new int[array.Dimensions], bounds = new int[array.Dimensions];
                for (int i = 0; i < lengths.Length; i++)
                    (lengths[i], bounds[i]) = (array.Length(i), array.LowerBound(i));
                builder.AppendTo(target, lengths, bounds);
            }
            return target.Build();
        }

        private static void AppendVectors(
            ArrayValue array, ITextEmbedder embedder, ColumnBuilder target, CancellationToken cancellation)
        {
            for (int start = 0; start < array.Count; start += TextsMax)
            {
                int count = Math.Min(TextsMax, array.Count - start);
                var some = new BinaryColumnBuilder(count);
                array.AppendElements(start, count, some);
                var texts = (BinaryColumn)some.Build();
                int[] rows = Known(texts);
                float[] vectors = EmbedFunctions.Run(embedder, texts, rows, cancellation);
                ColumnBuffer bytes = ColumnBuffer.Wrap(vectors);
                BinaryColumn embedded = BinaryColumn.FixedStride(bytes, embedder.Dimensions * sizeof(float), rows.Length, default);
                for (int row = 0, at = 0; row < count; row++)
                {
                    if (texts.IsNull(row))
                        target.AppendNull();
                    else
                        target.AppendFrom(embedded, at++);
                }
            }
        }
    }
}
