namespace VecSQL.Cluster.Nodes;

/// <summary>A node may not be, or stay, part of its cluster: to go on would risk wrong answers. The message says why, and what helps.</summary>
public sealed class JoinRefusedException(string message) : Exception(message);
