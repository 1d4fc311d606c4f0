using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>A test that needs etcd.</summary>
public sealed class EtcdFactAttribute : FactAttribute
{
    public EtcdFactAttribute() => Skip = EtcdServer.WhyMissing;
}
