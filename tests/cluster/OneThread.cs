namespace VecSQL.Cluster.Tests;

/// <summary>A test of protocol code runs on one thread: what is awaited goes on where it was completed.</summary>
internal static class OneThread
{
    /// <summary>xunit gives each test a context that posts continuations to other threads; a node has none.</summary>
    internal static void Begin() => SynchronizationContext.SetSynchronizationContext(null);
}
