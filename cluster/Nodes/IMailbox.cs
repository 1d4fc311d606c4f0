namespace VecSQL.Cluster.Nodes;

/// <summary>Runs what it is given, in order, one thing at a time: how code that is written for one thread runs among many.</summary>
public interface IMailbox
{
    /// <summary>Never waits; may be called from any thread.</summary>
    void Post(Action act);
}
