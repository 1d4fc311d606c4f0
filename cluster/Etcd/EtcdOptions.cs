namespace VecSQL.Cluster.Etcd;

/// <summary>Where etcd is, and how to speak to it.</summary>
public sealed record EtcdOptions
{
    /// <summary>The members' client addresses, <c>http://</c> or <c>https://</c>; any one that answers is enough.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>Null where etcd asks for none.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>For <c>https://</c>; null for what the system trusts.</summary>
    public EtcdTls? Tls { get; init; }

    /// <summary>An endpoint that has not answered by then is set aside.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The same for keeping a lease alive, which no disk delays, and which is in a hurry.</summary>
    public TimeSpan LeaseTimeout { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>After such a silence a watch asks its endpoint whether it is still in touch with the others.</summary>
    public TimeSpan WatchSilence { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Seeds the chance by which waits differ.</summary>
    public required int Seed { get; init; }

    /// <summary>Addresses with commas between them.</summary>
    /// <exception cref="FormatException">One is no address of etcd's.</exception>
    public static IReadOnlyList<Uri> ParseEndpoints(string text)
    {
        List<Uri> found = [];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            bool isAddress = Uri.TryCreate(part, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address.PathAndQuery == "/";
            found.Add(isAddress && address is not null ? address : throw new FormatException($"\"{part}\" is not an address like http://127.0.0.1:2379"));
        }
        return found.Count > 0 ? found : throw new FormatException("no address of etcd is given");
    }
}
