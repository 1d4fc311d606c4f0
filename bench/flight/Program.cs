using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using VecSQL.Bench.Flight;
using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;
using Option = VecSQL.Flight.Protocol.Sql.CommandStatementIngest.Types.TableDefinitionOptions.Types;

// Rows in and out over Flight, beside a raw TCP copy between two processes and PostgreSQL's binary COPY, round by round.
// --flight URL --server-pid PID --postgres CONNECTION_STRING --postgres-vectors TYPE --rows N --rounds N --exports N (in a round)
string Argument(string name, string usual) => Array.IndexOf(args, "--" + name) is >= 0 and int at ? args[at + 1] : usual;
if (args is ["send", var port, var count])
{
    using Socket target = new(SocketType.Stream, ProtocolType.Tcp);
    target.Connect(IPAddress.Loopback, int.Parse(port));
    byte[] block = new byte[1 << 20];
    for (long left = long.Parse(count); left > 0; left -= block.Length)
        target.Send(block);
    return;
}
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int rows = int.Parse(Argument("rows", "1000000"));
int rounds = int.Parse(Argument("rounds", "3"));
int exports = int.Parse(Argument("exports", "1"));
string postgres = Argument("postgres", "");
string vectors = Argument("postgres-vectors", "real[]"); // vector(128) where pgvector is
using FlightClient client = new(new Uri(Argument("flight", "http://127.0.0.1:5433")), new GrpcChannelOptions());
for (int round = 1; round <= rounds; round++)
{
    double ingest = await TimeAsync(IngestAsync);
    Console.WriteLine($"round {round}: DoPut {rows / ingest:N0} rows/s");
    double export = 0;
    for (int i = 0; i < exports; i++)
    {
        double busyHere = Environment.CpuUsage.TotalTime.TotalSeconds, busyThere = Busy();
        (export, long bytes, long grown) = await ExportAsync();
        (busyHere, busyThere) = (Environment.CpuUsage.TotalTime.TotalSeconds - busyHere, Busy() - busyThere);
        double raw = RawSeconds(bytes);
        Console.WriteLine($"round {round}: DoGet {bytes / export / 1e9:F2} GB/s ({rows / export:N0} rows/s), raw TCP {bytes / raw / 1e9:F2} GB/s, "
            + $"share {raw / export:P0}, server grew by {grown >> 20} MiB; processor s/GB: server {busyThere / bytes * 1e9:F2}, client {busyHere / bytes * 1e9:F2}");
    }
    if (postgres.Length > 0)
    {
        (double copyIn, double copyOut) = await CopyAsync();
        Console.WriteLine($"round {round}: COPY in {rows / copyIn:N0} rows/s, out {rows / copyOut:N0} rows/s; "
            + $"Flight is {copyIn / ingest:F1} times as fast in, {copyOut / export:F1} times out");
    }
}

async Task IngestAsync()
{
    CommandStatementIngest command = new()
    {
        Table = "flight_bench",
        TableDefinitionOptions = new CommandStatementIngest.Types.TableDefinitionOptions
        {
            IfNotExist = Option.TableNotExistOption.Create,
            IfExists = Option.TableExistsOption.Replace,
        },
    };
    await client.PutAsync(Command(command), SampleBatches.MessagesOf(rows), CancellationToken.None);
}

async Task<(double Seconds, long Bytes, long Grown)> ExportAsync()
{
    long before = Resident(), most = before, bytes = 0, seen = 0;
    Stopwatch watch = Stopwatch.StartNew();
    FlightInfo info = await client.GetInfoAsync(
        Command(new CommandStatementQuery { Query = "SELECT * FROM flight_bench" }), CancellationToken.None);
    foreach (FlightEndpoint endpoint in info.Endpoint)
    {
        await using FlightStream stream = await client.GetAsync(endpoint.Ticket, CancellationToken.None);
        while (await stream.Batches.NextAsync() is { } batch)
            seen += batch.RowCount;
        bytes += stream.Batches.Bytes;
        most = Math.Max(most, Resident());
    }
    double seconds = watch.Elapsed.TotalSeconds;
    return seen == rows ? (seconds, bytes, most - before) : throw new InvalidOperationException($"{seen} rows came");
}

double RawSeconds(long bytes)
{
    using TcpListener listener = new(IPAddress.Loopback, 0);
    listener.Start();
    using Process sender = Process.Start(Environment.ProcessPath ?? "", ["send", ((IPEndPoint)listener.LocalEndpoint).Port.ToString(), bytes.ToString()]);
    using Socket source = listener.AcceptSocket();
    byte[] buffer = new byte[1 << 20];
    Stopwatch watch = Stopwatch.StartNew();
    while (source.Receive(buffer) > 0)
    {
        // As fast as they come.
    }
    double seconds = watch.Elapsed.TotalSeconds;
    sender.WaitForExit();
    return seconds;
}

async Task<(double In, double Out)> CopyAsync()
{
    await using NpgsqlConnection connection = new(postgres);
    await connection.OpenAsync();
    await RunAsync($"CREATE TABLE IF NOT EXISTS flight_source (id bigint, body text, v {vectors})");
    await using (NpgsqlCommand counted = new("SELECT count(*) FROM flight_source", connection))
    {
        if ((long)(await counted.ExecuteScalarAsync() ?? 0L) != rows)
        {
            await RunAsync("TRUNCATE flight_source; INSERT INTO flight_source SELECT n, 'the body of row ' || n, "
                + $"array_fill(random()::real, ARRAY[128])::{vectors} FROM generate_series(1, {rows}) n");
        }
    }
    List<byte[]> pieces = [];
    double copyOut = await TimeAsync(async () =>
    {
        await using NpgsqlRawCopyStream source = await connection.BeginRawBinaryCopyAsync("COPY flight_source TO STDOUT (FORMAT binary)");
        byte[] buffer = new byte[1 << 20];
        while (await source.ReadAsync(buffer.AsMemory(), CancellationToken.None) is > 0 and int length)
            pieces.Add(buffer[..length]);
    });
    await RunAsync($"DROP TABLE IF EXISTS flight_target; CREATE TABLE flight_target (id bigint, body text, v {vectors})");
    double copyIn = await TimeAsync(async () =>
    {
        await using NpgsqlRawCopyStream target = await connection.BeginRawBinaryCopyAsync("COPY flight_target FROM STDIN (FORMAT binary)");
        foreach (byte[] piece in pieces)
            await target.WriteAsync(piece.AsMemory(), CancellationToken.None);
    });
    return (copyIn, copyOut);

    async Task RunAsync(string sql)
    {
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}

// What the process has of its own: pages of files that it sends from are the system's.
long Resident() => Argument("server-pid", "") is { Length: > 0 } pid
    ? File.ReadLines($"/proc/{pid}/status").Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10).Single()
    : 0;

// Processor seconds of the server so far.
double Busy() => Argument("server-pid", "") is { Length: > 0 } pid
    ? Process.GetProcessById(int.Parse(pid)).TotalProcessorTime.TotalSeconds
    : 0;

static FlightDescriptor Command(IMessage command) =>
    new() { Type = FlightDescriptor.Types.DescriptorType.Cmd, Cmd = Any.Pack(command).ToByteString() };

static async Task<double> TimeAsync(Func<Task> work)
{
    Stopwatch watch = Stopwatch.StartNew();
    await work();
    return watch.Elapsed.TotalSeconds;
}
