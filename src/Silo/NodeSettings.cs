using System.Net;
using Actors.Api.Hosting;
using Actors.Ledger;
using Actors.Policy.Webhooks;

namespace Actors.Silo;

/// <summary>Which storage a node uses.</summary>
public enum StorageProvider
{
    /// <summary>Files under the data directory; one process.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    Postgres,
}

/// <summary>Who knows where in a cluster a grain is active.</summary>
public enum GrainDirectoryKind
{
    /// <summary>The silos agree on each change of who knows what: the death of one takes no activation of another. Experimental in Orleans 10.</summary>
    Distributed,

    /// <summary>Orleans' older one: the end of a silo takes a part of the others' activations, too.</summary>
    Local,
}

/// <summary>Everything of a node's configuration that isn't policy, checked.</summary>
public sealed record NodeSettings
{
    /// <summary>Where the node answers HTTP when nothing else is said.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>A receiver of webhooks may be away for seven days: what it has to be told is in the ledger until then, and a day longer.</summary>
    private static readonly TimeSpan RetentionLeast = DeliveryRules.Life + TimeSpan.FromDays(1);

    /// <summary>Every key of the sections that belong to this program; another key in one of these sections stops the start.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        .. ClusterSettings.Keys,
        .. ApiConfiguration.Keys,
        "Storage:Provider",
        "Data:Directory",
        "Ledger:Retention",
        "Ledger:ContentRetention",
        "Ledger:QueueMax",
        "Ledger:BatchMax",
        "Ledger:Servers",
        "Webhooks:AllowHttp",
        "Webhooks:AllowPrivate",
        "Http:Api",
    ];

    /// <summary><c>Storage:Provider</c>.</summary>
    public required StorageProvider Provider { get; init; }

    /// <summary><c>ConnectionStrings:Actors</c>; null with SQLite.</summary>
    public required string? ConnectionString { get; init; }

    /// <summary><c>Ledger:Servers</c>: the servers beside <see cref="ConnectionString"/> that users are split over, in their order; mostly none.</summary>
    public IReadOnlyList<string> OtherServers { get; init; } = [];

    /// <summary><c>Data:Directory</c>, absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The cluster that this node belongs to; null for a single node.</summary>
    public required ClusterSettings? Cluster { get; init; }

    /// <summary><c>Cluster:GatewayPort</c>: where API nodes reach this one. Only in a cluster.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>
    /// <c>Cluster:AdvertisedAddress</c>: an address, or a name that leads to one. It is also the only one where the ports for the cluster are open.
    /// </summary>
    public required string AdvertisedAddress { get; init; }

    /// <summary><c>Cluster:Directory</c>.</summary>
    public required GrainDirectoryKind Directory { get; init; }

    /// <summary><c>Http:Api</c>: whether it answers more than health and metrics.</summary>
    public required bool ServesApi { get; init; }

    /// <summary><c>Cluster:SiloPort</c>; 0, which only a single node may have, takes a free one.</summary>
    public required int SiloPort { get; init; }

    /// <summary><c>Ledger:Retention</c>.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary><c>Ledger:ContentRetention</c>; not longer than <see cref="Retention"/>.</summary>
    public required TimeSpan ContentRetention { get; init; }

    /// <summary><c>Ledger:QueueMax</c>: commits.</summary>
    public required int QueueMax { get; init; }

    /// <summary><c>Ledger:BatchMax</c>: commits.</summary>
    public required int BatchMax { get; init; }

    /// <summary><c>Webhooks:AllowHttp</c>.</summary>
    public required bool WebhooksAllowHttp { get; init; }

    /// <summary><c>Webhooks:AllowPrivate</c>.</summary>
    public required bool WebhooksAllowPrivate { get; init; }

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="ConfigurationException">It is wrong.</exception>
    public static NodeSettings Read(IConfiguration configuration)
    {
        configuration.RefuseUnknownKeys(Keys, "Ledger:Servers");
        var provider = configuration["Storage:Provider"] switch
        {
            null or "" or "sqlite" => StorageProvider.Sqlite,
            "postgres" => StorageProvider.Postgres,
            var other => throw new ConfigurationException($"Storage:Provider is \"{other}\"; write sqlite (the default) or postgres."),
        };
        var connection = configuration.GetConnectionString("Actors");
        if (provider == StorageProvider.Postgres && string.IsNullOrWhiteSpace(connection))
        {
            throw new ConfigurationException(
                "Storage:Provider is postgres, but ConnectionStrings:Actors is missing; write, for example, " +
                "--ConnectionStrings:Actors \"Host=127.0.0.1;Database=actors;Username=actors;Password=…\".");
        }

        if (provider == StorageProvider.Sqlite && !string.IsNullOrWhiteSpace(connection))
        {
            throw new ConfigurationException(
                "ConnectionStrings:Actors is given, but Storage:Provider is sqlite; write --Storage:Provider postgres, or leave it out.");
        }

        var cluster = ClusterSettings.Read(configuration);
        if (cluster is not null && provider == StorageProvider.Sqlite)
        {
            throw new ConfigurationException("Cluster:Mode is postgres, so all nodes must share their storage; write --Storage:Provider postgres.");
        }

        if (configuration["Auth:SigningKey"] is { Length: > 0 } key && System.Text.Encoding.UTF8.GetByteCount(key) < 32)
        {
            throw new ConfigurationException(
                "Auth:SigningKey is shorter than 32 bytes; write a longer one, for example the output of: openssl rand -base64 48.");
        }

        var directory = configuration["Data:Directory"];
        var retention = configuration.Length("Ledger:Retention", TimeSpan.FromDays(90), RetentionLeast, TimeSpan.FromDays(3_650));
        return new NodeSettings
        {
            Provider = provider,
            ConnectionString = connection,
            OtherServers = OtherServersOf(configuration, provider),
            DataDirectory = Path.GetFullPath(string.IsNullOrWhiteSpace(directory) ? "data" : directory),
            Cluster = cluster,
            SiloPort = configuration.Number("Cluster:SiloPort", cluster is null ? 0 : 11_111, cluster is null ? 0 : 1, 65_535),
            GatewayPort = configuration.Number("Cluster:GatewayPort", 30_000, 1, 65_535),
            AdvertisedAddress = configuration.Text("Cluster:AdvertisedAddress") ?? IPAddress.Loopback.ToString(),
            Directory = configuration["Cluster:Directory"] switch
            {
                null or "" or "distributed" => GrainDirectoryKind.Distributed,
                "local" => GrainDirectoryKind.Local,
                var other => throw new ConfigurationException($"Cluster:Directory is \"{other}\"; write distributed (the default) or local."),
            },
            ServesApi = configuration.Switch("Http:Api", true),
            Retention = retention,
            ContentRetention = ContentRetentionOf(configuration, retention),
            QueueMax = configuration.Number("Ledger:QueueMax", 4_096, 16, 1_000_000),
            BatchMax = configuration.Number("Ledger:BatchMax", 512, 1, 10_000),
            WebhooksAllowHttp = configuration.Switch("Webhooks:AllowHttp"),
            WebhooksAllowPrivate = configuration.Switch("Webhooks:AllowPrivate"),
        };
    }

    private static List<string> OtherServersOf(IConfiguration configuration, StorageProvider provider)
    {
        var section = configuration.GetSection("Ledger:Servers");
        var servers = Enumerable.Range(1, section.GetChildren().Count()).Select(number => section[$"{number}"] ?? "").ToList();
        if (section.Value is { Length: > 0 } || servers.Exists(string.IsNullOrWhiteSpace) || servers.Count > SplitLedgerStore.OthersMax)
        {
            throw new ConfigurationException(
                $"Ledger:Servers is a list of connection strings; write Ledger:Servers:1, Ledger:Servers:2 and so on, none left out, at most "
                + $"{SplitLedgerStore.OthersMax}. The first server of all is ConnectionStrings:Actors.");
        }

        return servers.Count == 0 || provider == StorageProvider.Postgres
            ? servers
            : throw new ConfigurationException(
                "Ledger:Servers:1 is given, but Storage:Provider is sqlite; write --Storage:Provider postgres, or leave it out.");
    }

    private static TimeSpan ContentRetentionOf(IConfiguration configuration, TimeSpan retention)
    {
        var standard = TimeSpan.FromDays(30);
        var length = configuration.Length(
            "Ledger:ContentRetention", standard < retention ? standard : retention, TimeSpan.FromDays(1), TimeSpan.FromDays(90));
        return length <= retention
            ? length
            : throw new ConfigurationException(
                $"Ledger:ContentRetention is {length}, longer than Ledger:Retention, which is {retention}; no content outlives its message's row.");
    }
}
