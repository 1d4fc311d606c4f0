using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Cells;

/// <summary>An index over the rows of one segment: cells, one-bit codes to rule rows out, eight-bit codes to order what is left.</summary>
/// <remarks>
/// Threads: immutable; any number may search, each with a <see cref="CellSearch"/> of its own.
/// Memory:  its parts are held in place for as long as it lives, so that searches read them by address.
/// </remarks>
public sealed unsafe class CellIndex : IVectorIndex
{
    private const int CellStrideBits = 6;

    private readonly CellIndexImage _image;
    private readonly HeldMemory[] _held;
    private readonly int[] _firstBlocks; // of each cell
    private readonly int[] _firstCells; // of each stride of places
    private readonly byte* _bits;
    private readonly float* _codeFactors;
    private readonly sbyte* _codes;
    private readonly int* _order, _offsets;
    private readonly Dictionary<int, CellKeys> _keys = [];
    private int[]? _missing;

    /// <exception cref="ArgumentException">A part is missing or has not the size it must have.</exception>
    public CellIndex(CellIndexImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        image.Check();
        _image = image;
        CentroidCodes = VectorCodes.Encode(
            image.Part<float>(CellIndexPart.Centroids), image.Dimensions, image.Dimensions, image.CellCount);
        Rotation = new Rotation(image.Dimensions, image.Seed);
        CentroidBits = CentroidBits.Of(CentroidCodes, Rotation, image.Metric);
        Recall = new RecallCurve(image.Part<RecallPoint>(CellIndexPart.Recall));
        Margins = new MarginCurve(image.Part<MarginPoint>(CellIndexPart.Margins));
        BlockBytes = BinaryCodes.BlockBytes(Rotation.PaddedDimensions);
        CodeBytes = CodeStride(image.Dimensions);
        List<HeldMemory> held = [];
        _bits = (byte*)Hold(CellIndexPart.Bits, held);
        _codes = (sbyte*)Hold(CellIndexPart.Codes, held);
        _codeFactors = (float*)Hold(CellIndexPart.CodeFactors, held);
        _order = (int*)Hold(CellIndexPart.Order, held);
        _offsets = (int*)Hold(CellIndexPart.Offsets, held);
        _held = [.. held];
        _firstBlocks = CellIndexImage.FirstBlocks(image.Part<int>(CellIndexPart.Offsets));
        _firstCells = FirstCells();
    }

    public DistanceMetric Metric => _image.Metric;

    public int Dimensions => _image.Dimensions;

    public int RowCount => _image.RowCount;

    public int CellCount => _image.CellCount;

    /// <summary>Bytes that searches read: all parts, the coded centroids, and keys.</summary>
    public long Bytes => _image.Bytes + ((long)CellCount * CodeBytes) + _keys.Values.Sum(static keys => keys.Bytes);

    /// <summary>Recall at rising effort; without points for an index too small to measure.</summary>
    public RecallCurve Recall { get; }

    public int CellsFor(double recall) => Recall.CellsFor(recall, CellCount);

    public double RecallFor(double recall) => Recall.RecallAt(CellsFor(recall), CellCount);

    /// <summary>How far to look among rows that pass a filter; without points likewise.</summary>
    public MarginCurve Margins { get; }

    /// <summary>The greatest position it names; −1 where it has no rows.</summary>
    public int PositionMax
    {
        get
        {
            int greatest = -1;
            foreach (int position in _image.Part<int>(CellIndexPart.Order))
                greatest = Math.Max(greatest, position);
            return greatest;
        }
    }

    /// <summary>Bytes of the eight-bit codes of a vector.</summary>
    public static long CodeBytesOf(int dimensions) => CodeStride(dimensions);

    /// <summary>Positions of a segment's rows that the index leaves out, ascending: null vectors, and for cosine zero ones.</summary>
    /// <param name="rowCount">Of the segment: always the same.</param>
    public ReadOnlySpan<int> Missing(int rowCount)
    {
        if (RowCount == rowCount)
            return [];
        if (Volatile.Read(ref _missing) is { } known)
            return known;
        bool[] isIndexed = new bool[rowCount];
        foreach (int position in _image.Part<int>(CellIndexPart.Order))
            isIndexed[position] = true;
        int[] missing = new int[rowCount - RowCount];
        for (int position = 0, next = 0; position < rowCount; position++)
        {
            if (!isIndexed[position])
                missing[next++] = position;
        }
        Volatile.Write(ref _missing, missing); // two that look at once find the same
        return missing;
    }

    /// <summary>Takes keys in that belong to the index; before anyone searches it.</summary>
    /// <param name="number">As whoever adds them will ask for them.</param>
    public void Add(int number, CellKeys keys) => _keys.Add(number, keys);

    /// <summary>Keys that belong to the index; null for none of that number.</summary>
    public CellKeys? FindKeys(int number) => _keys.GetValueOrDefault(number);

    /// <summary>How to search for a recall.</summary>
    /// <param name="neighbours">How many rows are wanted, out of all rows: with a filter as many as hold them.</param>
    /// <param name="wanted">How many rows are wanted.</param>
    /// <param name="factor">By how much to multiply the cells that this takes.</param>
    public SearchEffort EffortFor(double recall, double neighbours, int wanted, double factor)
    {
        double cells = Math.Ceiling(Recall.CellsFor(recall, neighbours, CellCount) * factor);
        // The finer the recall, the less may codes lose of it: at one standard error three rows in a thousand, at two two in
        // ten thousand.
        double reach = Math.Clamp(-Math.Log10(Math.Max(1 - recall, 1e-4)), 0.7, 3);
        long candidates = recall > 0.993 ? (4L * wanted) + 20 : (2L * wanted) + 10;
        return new SearchEffort((int)Math.Clamp(cells, Math.Min(4, CellCount), CellCount), (float)reach,
            (int)Math.Min(candidates, Math.Max(1, RowCount))) { Wanted = wanted };
    }

    /// <summary>How to search among rows that pass a filter, wherever these are.</summary>
    /// <remarks>The factor counts as it does without a filter: as the recall that so many times as many cells would reach.</remarks>
    public SearchEffort EffortAmong(double recall, int neighbours, int wanted, double factor)
    {
        SearchEffort effort = EffortFor(recall, neighbours, wanted, factor);
        if (factor != 1 && recall < 1)
        {
            double cells = Math.Max(1, Recall.CellsFor(recall, CellCount) * factor);
            double found = cells < CellCount ? Recall.RecallAt((int)cells, CellCount) : 1;
            recall = double.IsNaN(found) ? 1 : RecallCurve.RecallFor(found);
        }
        double decades = Math.Log10(Math.Max(1, neighbours) / (double)RecallCurve.Neighbours);
        SearchMargin margin = Margins.For(recall);
        return effort with { Margin = margin with { Near = margin.Near - (margin.PerDecade * decades) } };
    }

    /// <summary>What a search costs, in codes scanned, about.</summary>
    public double CostOf(SearchEffort effort) => (double)effort.Cells / Math.Max(1, CellCount) * RowCount;

    internal Rotation Rotation { get; }

    internal int BlockBytes { get; }

    internal VectorCodes CentroidCodes { get; }

    internal CentroidBits? CentroidBits { get; }

    /// <summary>Where a cell's rows, codes and blocks begin, and how many rows it has.</summary>
    internal CellPlaces PlacesOf(int cell)
    {
        int first = _offsets[cell], block = _firstBlocks[cell];
        return new CellPlaces(first, _offsets[cell + 1] - first, _bits + ((long)block * BlockBytes));
    }

    /// <summary>The cell of the row at a place.</summary>
    internal int CellOf(int place)
    {
        int cell = _firstCells[place >> CellStrideBits];
        while (_offsets[cell + 1] <= place)
            cell++;
        return cell;
    }

    /// <summary>The position of the row at a place.</summary>
    internal int Position(int place) => _order[place];

    /// <summary>Bytes of a row's eight-bit codes.</summary>
    internal int CodeBytes { get; }

    internal sbyte* Codes(int place) => _codes + ((long)place * CodeBytes);

    /// <summary>Scale, and what to add, of the row at a place.</summary>
    internal float* CodeFactors(int place) => _codeFactors + (2L * place);

    internal static int CodeStride(int dimensions) => (dimensions + RowCodes.Multiple - 1) / RowCodes.Multiple * RowCodes.Multiple;

    /// <summary>Makes sure that what was read by address was there until now.</summary>
    internal void StayAlive() => GC.KeepAlive(_held);

    private int[] FirstCells()
    {
        int[] first = new int[(RowCount >> CellStrideBits) + 1];
        for (int stride = 0, cell = 0; stride << CellStrideBits < RowCount; stride++)
        {
            while (_offsets[cell + 1] <= stride << CellStrideBits)
                cell++;
            first[stride] = cell;
        }
        return first;
    }

    private void* Hold(CellIndexPart part, List<HeldMemory> held)
    {
        HeldMemory one = new(_image.Parts[part].Pin());
        held.Add(one);
        return one.Address;
    }
}

/// <summary>A cell's places: rows <see cref="First"/> on, and blocks of 64 of them.</summary>
internal readonly unsafe struct CellPlaces(int first, int count, byte* blocks)
{
    internal int First { get; } = first;

    internal int Count { get; } = count;

    internal byte* Blocks { get; } = blocks;
}
