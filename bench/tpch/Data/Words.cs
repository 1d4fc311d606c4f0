namespace VecSQL.Bench.Tpch.Data;

/// <summary>The words that the specification makes values and sentences of (its clauses 4.2.2 and 4.2.3).</summary>
internal static class Words
{
    internal static readonly string[] Regions = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];

    internal static readonly (string Name, int Region)[] Nations =
    [
        ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3), ("GERMANY", 3),
        ("INDIA", 2), ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2), ("JORDAN", 4), ("KENYA", 0), ("MOROCCO", 0),
        ("MOZAMBIQUE", 0), ("PERU", 1), ("CHINA", 2), ("ROMANIA", 3), ("SAUDI ARABIA", 4), ("VIETNAM", 2), ("RUSSIA", 3),
        ("UNITED KINGDOM", 3), ("UNITED STATES", 1),
    ];

    internal static readonly string[] PartNames = Split(
        "almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished chartreuse chiffon chocolate " +
        "coral cornflower cornsilk cream cyan dark deep dim dodger drab firebrick floral forest frosted gainsboro ghost goldenrod green " +
        "grey honeydew hot indian ivory khaki lace lavender lawn lemon light lime linen magenta maroon medium metallic midnight mint " +
        "misty moccasin navajo navy olive orange orchid pale papaya peach peru pink plum powder puff purple red rose rosy royal saddle " +
        "salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle tomato turquoise violet wheat white yellow");

    internal static readonly string[][] Types =
    [
        Split("STANDARD SMALL MEDIUM LARGE ECONOMY PROMO"), Split("ANODIZED BURNISHED PLATED POLISHED BRUSHED"),
        Split("TIN NICKEL BRASS STEEL COPPER"),
    ];

    internal static readonly string[][] Containers = [Split("SM LG MED JUMBO WRAP"), Split("CASE BOX BAG JAR PKG PACK CAN DRUM")];

    internal static readonly string[] Segments = Split("AUTOMOBILE BUILDING FURNITURE MACHINERY HOUSEHOLD");

    internal static readonly string[] Priorities = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];

    internal static readonly string[] Instructions = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"];

    internal static readonly string[] Modes = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"];

    internal static readonly string[] Nouns =
    [
        .. Split("foxes ideas theodolites pinto_beans instructions dependencies excuses platelets asymptotes courts dolphins multipliers " +
            "sauternes warthogs frets dinos attainments somas Tiresias patterns forges braids hockey_players frays warhorses dugouts " +
            "notornis epitaphs pearls tithes waters orbits gifts sheaves depths sentiments decoys realms pains grouches escapades packages " +
            "requests accounts deposits"),
    ];

    /// <summary>What TPC's own generator takes most often, and so the queries' patterns meet.</summary>
    internal static readonly string[] FrequentNouns = ["packages", "requests", "accounts", "deposits"];

    internal static readonly string[] Verbs = Split(
        "sleep wake are cajole haggle nag use boost affix detect integrate maintain nod was lose sublate solve thrash promise engage " +
        "hinder print x-ray breach eat grow impress mold poach serve run dazzle snooze doze unwind kindle play hang believe doubt");

    internal static readonly string[] Adjectives = Split(
        "furious sly careful blithe quick fluffy slow quiet ruthless thin close dogged daring brave stealthy permanent enticing idle busy " +
        "regular final ironic even bold silent special pending unusual express");

    internal static readonly string[] Adverbs = Split(
        "sometimes always never furiously slyly carefully blithely quickly fluffily slowly quietly ruthlessly thinly closely doggedly " +
        "daringly bravely stealthily permanently enticingly idly busily regularly finally ironically evenly boldly silently");

    internal static readonly string[] Prepositions =
        ["about", "above", "according to", "across", "after", "against", "along", "alongside of", "among", "around", "at", "atop", "before",
        "behind", "beneath", "beside", "besides", "between", "beyond", "by", "despite", "during", "except", "for", "from", "in place of",
        "inside", "instead of", "into", "near", "of", "on", "outside", "over", "past", "since", "through", "throughout", "to", "toward",
        "under", "until", "up", "upon", "without", "with", "within"];

    internal static readonly string[] Auxiliaries =
        ["do", "may", "might", "shall", "will", "would", "can", "could", "should", "ought to", "must", "will have to", "shall have to",
        "could have to", "should have to", "must have to", "need to", "try to"];

    internal static readonly string[] Terminators = [".", ";", ":", "?", "!", "--"];

    private static string[] Split(string words) => [.. words.Split(' ').Select(word => word.Replace('_', ' '))];
}
