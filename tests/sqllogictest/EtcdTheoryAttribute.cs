using VecSQL.Kit;

namespace VecSQL.SqlLogicTest.Tests;

/// <summary>A theory that needs etcd.</summary>
public sealed class EtcdTheoryAttribute : TheoryAttribute
{
    public EtcdTheoryAttribute() => Skip = EtcdServer.WhyMissing;
}
