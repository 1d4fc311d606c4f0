using System.Text;

namespace VecSQL.Kit.Models;

/// <summary>Text that is at hand: the repository's documents and the demo's sample.</summary>
public static class SampleText
{
    // Enough of other scripts for vocabularies to know some of their words.
    private static readonly string[] Many =
    [
        "Die Datenbank findet ähnliche Texte, auch wenn größere Wörter übereinstimmen; das heißt: größtmögliche Nähe.",
        "La base de données retrouve les textes proches, même élevés à l'échelle d'une requête très ancienne.",
        "La búsqueda encuentra vectores vecinos; ¿qué pasa con los años? ¡Nada más que señales pequeñas!",
        "База данных находит похожие тексты, даже если слова разные, и хранит векторы в колонках.",
        "Η βάση δεδομένων βρίσκει παρόμοια κείμενα, ακόμη κι όταν οι λέξεις διαφέρουν. ΟΔΟΣ ΣΟΦΟΣ",
        "数据库查找相似的文本，即使词语不同。向量存储在列中，搜索很快。",
        "データベースは似た文章を見つけます。ベクトルは列に保存され、検索は速いです。",
        "데이터베이스는 비슷한 텍스트를 찾습니다. 벡터는 열에 저장되고 검색은 빠릅니다.",
        "تجد قاعدة البيانات نصوصًا متشابهة حتى عندما تختلف الكلمات، وتخزن المتجهات في أعمدة.",
        "מסד הנתונים מוצא טקסטים דומים גם כאשר המילים שונות.",
        "डेटाबेस समान पाठ ढूँढता है, भले ही शब्द अलग हों। वेक्टर स्तंभों में रखे जाते हैं।",
        "ฐานข้อมูลค้นหาข้อความที่คล้ายกันแม้ว่าคำจะต่างกัน",
        "Cơ sở dữ liệu tìm các văn bản tương tự, ngay cả khi từ ngữ khác nhau.",
        "Veritabanı benzer metinleri bulur; İSTANBUL, ılık, ŞİŞLİ.",
    ];

    private static readonly Lazy<string[]> LinesOnce = new(ReadLines);

    /// <summary>Lines that are not empty.</summary>
    public static IReadOnlyList<string> Lines => LinesOnce.Value;

    /// <summary>Words in lower case with how often they occur, the most frequent first.</summary>
    public static IReadOnlyList<(string Word, int Count)> Words { get; } = [.. Lines.SelectMany(WordsOf)
        .GroupBy(word => word).Select(group => (group.Key, group.Count()))
        .OrderByDescending(word => word.Item2).ThenBy(word => word.Key, StringComparer.Ordinal)];

    private static string[] ReadLines()
    {
        string root = Programs.RepositoryRoot;
        IEnumerable<string> files = Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(root, "README.md")).Append(Path.Combine(root, "server", "Demo", "sample.tsv"))
            .Where(File.Exists).Order(StringComparer.Ordinal);
        return [.. files.SelectMany(File.ReadLines).Where(line => line.Length > 0), .. Many];
    }

    private static IEnumerable<string> WordsOf(string line)
    {
        StringBuilder word = new();
        foreach (char letter in line.Append(' '))
        {
            if (char.IsLetterOrDigit(letter))
            {
                word.Append(char.ToLowerInvariant(letter));
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }
    }
}
