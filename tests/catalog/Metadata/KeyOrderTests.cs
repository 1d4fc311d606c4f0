using System.Text;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Catalog.Tests.Metadata;

public sealed class KeyOrderTests
{
    [Fact]
    public void Keys_are_ordered_as_their_bytes_are()
    {
        string[] keys = ["", "a", "aa", "a\0", "b", "ä", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "a\uffff", "a\U00010000"];
        foreach (string left in keys)
        {
            foreach (string right in keys)
            {
                int bytes = Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
                Assert.Equal(Math.Sign(bytes), Math.Sign(KeyOrder.Instance.Compare(left, right)));
            }
        }
    }
}
