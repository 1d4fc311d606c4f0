namespace VecSQL.Parser.Grammar;

/// <summary>How tightly operators bind, loosest first, as in PostgreSQL 15.</summary>
internal enum Precedence : byte
{
    /// <summary>Not an operator.</summary>
    None,
    Or,
    And,
    Not,

    /// <summary>IS, ISNULL, NOTNULL.</summary>
    Is,

    /// <summary>&lt; &gt; = &lt;= &gt;= &lt;&gt;; they do not chain.</summary>
    Comparison,

    /// <summary>BETWEEN, IN, LIKE, ILIKE, SIMILAR TO; they do not chain.</summary>
    Membership,

    /// <summary>Every operator that is not named here.</summary>
    Other,
    Sum,
    Product,
    Power,
    AtTimeZone,
    Collate,

    /// <summary>Plus and minus before an operand.</summary>
    Sign,
    Cast,

    Lowest = Or,
}
