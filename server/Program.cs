namespace VecSQL.Server;

internal static class Program
{
    private static int Main()
    {
        Console.Error.WriteLine("vecsql: this build has no commands yet");
        return 2;
    }
}
