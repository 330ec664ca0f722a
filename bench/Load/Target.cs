using System.Net;

namespace Actors.Bench.Load;

/// <summary>What a target is.</summary>
internal enum TargetKind
{
    /// <summary>Kestrel and JSON alone.</summary>
    Floor,

    /// <summary>The plain peer: one SQL function per send.</summary>
    Peer,

    /// <summary>Our node on PostgreSQL.</summary>
    Postgres,

    /// <summary>Our node on SQLite.</summary>
    Sqlite,

    /// <summary>Three silos and two API nodes on PostgreSQL.</summary>
    Cluster,
}

/// <summary>A server under load, with what the run knows of it.</summary>
internal sealed class Target : IAsyncDisposable
{
    private readonly string[] _command;
    private readonly List<Child> _others = [];
    private readonly Postgres? _database;
    private Child _server;

    private Target(TargetKind kind, int port, string[] command, Postgres? database, Population population)
    {
        (Kind, Name, _command, _database, Population) = (kind, kind.ToString().ToLowerInvariant(), command, database, population);
        Endpoint = new(IPAddress.Loopback, port);
        Endpoints = [Endpoint];
        Checker = new(population) { AcceptsAll = kind == TargetKind.Floor };
        _server = Child.Start("dotnet", command);
    }

    public TargetKind Kind { get; }

    public string Name { get; set; }

    public IPEndPoint Endpoint { get; }

    /// <summary>Where connections go, by turns.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>Where our node speaks HTTP/2 without TLS.</summary>
    public IPEndPoint? Http2Endpoint { get; private init; }

    public Population Population { get; }

    public Checker Checker { get; }

    public IReadOnlyList<Sender> Senders { get; private set; } = [];

    /// <summary>What signs the tokens of our node.</summary>
    public string SigningKey { get; private init; } = "";

    /// <summary>What our node was configured with.</summary>
    public string[] Configuration { get; private init; } = [];

    public int ProcessId => _server.Id;

    /// <summary>All processes of it, the database aside.</summary>
    public IEnumerable<int> ProcessIds => _others.Select(other => other.Id).Prepend(ProcessId);

    /// <summary>The postmaster's process; null where there is none.</summary>
    public int? DatabaseId => _database?.ProcessId;

    /// <summary>Starts a target and tells it about businesses and users.</summary>
    /// <param name="place">A new name for its database or files.</param>
    /// <param name="directory">Where its files go.</param>
    /// <param name="otherNode">Another build of our node; null for this work tree's.</param>
    public static async Task<Target> StartAsync(
        TargetKind kind, Postgres postgres, Population population, string place, string directory, string? otherNode = null)
    {
        var port = Postgres.FreePort();
        var url = $"http://127.0.0.1:{port}";
        var key = Jwt.NewKey();
        switch (kind)
        {
            case TargetKind.Floor:
                var floor = new Target(kind, port, [Repository.Program("Floor"), "--urls", url], null, population)
                {
                    Senders = [.. Enumerable.Range(0, population.Businesses).Select(business => PeerSetup.Sender(business, key))],
                };
                await floor.ReadyAsync();
                return floor;
            case TargetKind.Peer:
                await postgres.ExecuteAsync("postgres", $"create database {place}");
                string[] command =
                [
                    Repository.Program("Peer"), "--urls", url, "--Auth:SigningKey", key,
                    "--ConnectionStrings:Peer", postgres.ConnectionString(place, PeerSetup.Connections),
                ];
                await Child.RunAsync("dotnet", [.. command, "--Schema", "true"]);
                await PeerSetup.FillAsync(postgres, place, population);
                var peer = new Target(kind, port, command, postgres, population)
                {
                    Senders = [.. Enumerable.Range(0, population.Businesses).Select(business => PeerSetup.Sender(business, key))],
                };
                await peer.ReadyAsync();
                return peer;
            case TargetKind.Postgres or TargetKind.Sqlite:
                var storage = kind == TargetKind.Sqlite ? ["--Storage:Provider", "sqlite"] : new[]
                {
                    "--Storage:Provider", "postgres", "--ConnectionStrings:Actors", postgres.ConnectionString(place),
                };
                if (kind == TargetKind.Postgres)
                {
                    await postgres.ExecuteAsync("postgres", $"create database {place}");
                }

                string[] configuration =
                [
                    .. storage, "--Data:Directory", Path.Combine(directory, place), "--Auth:SigningKey", key,
                    .. NodeSetup.OutOfTheWay, .. NodeSetup.ReceiverHere,
                ];
                var http2 = Postgres.FreePort();
                string[] start =
                [
                    otherNode ?? Repository.Program("Silo"), .. configuration,
                    "--Kestrel:Endpoints:All:Url", url,
                    "--Kestrel:Endpoints:Http2:Url", $"http://127.0.0.1:{http2}", "--Kestrel:Endpoints:Http2:Protocols", "Http2",
                ];
                var node = new Target(kind, port, start, kind == TargetKind.Postgres ? postgres : null, population)
                {
                    Configuration = configuration,
                    Http2Endpoint = new(IPAddress.Loopback, http2),
                    SigningKey = key,
                    Name = otherNode is null ? $"{kind}".ToLowerInvariant() : "before",
                };
                await node.ReadyAsync();
                node.Senders = await NodeSetup.FillAsync(node, new Uri(url), configuration, key);
                return node;
            case TargetKind.Cluster:
                return otherNode is null
                    ? await StartClusterAsync(postgres, population, place, directory)
                    : throw new ArgumentException("A cluster of another build can't be had here.");
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    /// <summary>The API nodes are where it is reached; connections take turns, as a balancer would have them.</summary>
    private static async Task<Target> StartClusterAsync(Postgres postgres, Population population, string place, string directory)
    {
        const int Silos = 3, Apis = 2;
        await postgres.ExecuteAsync("postgres", $"create database {place}");
        var key = Jwt.NewKey();
        string[] configuration =
        [
            "--Cluster:Mode", "postgres", "--ConnectionStrings:Actors", postgres.ConnectionString(place), "--Auth:SigningKey", key, .. NodeSetup.OutOfTheWay,
        ];
        string[] storage = ["--Storage:Provider", "postgres"];
        string[] Silo(int number) =>
        [
            Repository.Program("Silo"), .. configuration, .. storage, "--Http:Api", "false", "--Data:Directory", Path.Combine(directory, place + number),
            "--urls", $"http://127.0.0.1:{Postgres.FreePort()}",
            "--Cluster:SiloPort", $"{Postgres.FreePort()}", "--Cluster:GatewayPort", $"{Postgres.FreePort()}",
        ];
        string[] Api(int port) => [Repository.Program("Api"), .. configuration, "--urls", $"http://127.0.0.1:{port}"];

        // An API node waits until silos are there, so the order doesn't matter.
        var port = Postgres.FreePort();
        var cluster = new Target(TargetKind.Cluster, port, Api(port), postgres, population)
        {
            Configuration = [.. configuration, .. storage],
            SigningKey = key,
        };
        for (var number = 0; number < Silos; number++)
        {
            cluster._others.Add(Child.Start("dotnet", Silo(number)));
            await Task.Delay(number == 0 ? TimeSpan.FromSeconds(4) : TimeSpan.Zero, TimeProvider.System);   // the first makes the schema
        }

        for (var number = 1; number < Apis; number++)
        {
            port = Postgres.FreePort();
            cluster._others.Add(Child.Start("dotnet", Api(port)));
            cluster.Endpoints = [.. cluster.Endpoints, new IPEndPoint(IPAddress.Loopback, port)];
        }

        foreach (var endpoint in cluster.Endpoints)
        {
            await cluster.ReadyAsync(endpoint);
        }

        cluster.Senders = await NodeSetup.FillAsync(cluster, new Uri($"http://{cluster.Endpoint}"), cluster.Configuration, key);
        return cluster;
    }

    /// <summary>Ends the server and starts it again, so that nothing is in its memory.</summary>
    public async Task RestartAsync()
    {
        if (Kind == TargetKind.Cluster)
        {
            throw new NotSupportedException("A cluster isn't started again here.");
        }

        await _server.DisposeAsync();
        _server = Child.Start("dotnet", _command);
        await ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_others.Append(_server).Select(child => child.DisposeAsync().AsTask()));
    }

    private async Task ReadyAsync(IPEndPoint? endpoint = null)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{endpoint ?? Endpoint}") };
        await Patience.UntilAsync($"{Name} to be ready", _server, async () =>
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return answer.IsSuccessStatusCode ? "ready" : null;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        });
    }
}
