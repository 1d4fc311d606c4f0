using System.Reflection;
using VecSQL.Kit;
using Xunit.Sdk;

namespace VecSQL.Cluster.Tests.Metadata;

/// <summary>Runs a test of the contract against the stores that need nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LocalStoresAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["local"], ["file"]];
}

/// <summary>Runs it against etcd, where there is one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EtcdStoreAttribute : DataAttribute
{
    public EtcdStoreAttribute() => Skip = EtcdServer.WhyMissing;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["etcd"]];
}
