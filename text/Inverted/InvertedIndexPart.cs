namespace VecSQL.Text.Inverted;

/// <summary>The parts of an inverted index, as they are stored.</summary>
public enum InvertedIndexPart : byte
{
    /// <summary>Terms in UTF-8, in the order of their bytes, one after the other.</summary>
    Terms = 1,

    /// <summary>Where each term begins in <see cref="Terms"/>, and where the last ends: int32.</summary>
    TermOffsets = 2,

    /// <summary>For each term: documents that have it, int32; blocks of the terms before it, int32; offset in <see cref="Postings"/>,
    /// int64.</summary>
    TermEntries = 3,

    /// <summary>Full blocks of postings: see <see cref="PostingBlock"/>.</summary>
    Blocks = 4,

    /// <summary>For each term its full blocks, gaps and then frequencies packed; then the rest as <see cref="PostingList"/> has them.</summary>
    Postings = 5,

    /// <summary>How many terms each document has, counted as often as they stand in it: int32.</summary>
    Lengths = 6,
}
