using System.Security.Cryptography;
using System.Text;

namespace Actors.Api.Hosting;

/// <summary>What every member of a cluster needs to know to find the others: silos and API nodes alike.</summary>
public sealed record ClusterSettings
{
    /// <summary>Part of the key of stored state: the same for ever, on a single node, too.</summary>
    public const string ServiceId = "actors";

    /// <summary>The keys of a member. Some of them only a silo reads: both may be given the same configuration.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "ConnectionStrings:Actors",
        "Cluster:Mode",
        "Cluster:Id",
        "Cluster:AdoptKey",
        "Cluster:DrainWait",
        "Cluster:SiloPort",
        "Cluster:GatewayPort",
        "Cluster:AdvertisedAddress",
        "Cluster:Directory",
        "Cluster:Tls:Certificate",
        "Cluster:Tls:Key",
        "Cluster:Tls:Authority",
    ];

    /// <summary><c>Cluster:Id</c>: silos meet those of the same one in the same database.</summary>
    public required string Id { get; init; }

    /// <summary><c>ConnectionStrings:Actors</c>: the PostgreSQL database by which the members find each other.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>A mark of <c>Auth:SigningKey</c>, or of the authority: all members have the same one. Nobody can make the key from it.</summary>
    public required byte[] KeyMark { get; init; }

    /// <summary><c>Cluster:AdoptKey</c>: whether this node's key becomes that of the cluster, whatever it was.</summary>
    public required bool AdoptKey { get; init; }

    /// <summary><c>Cluster:DrainWait</c>: how long a node that was told to stop says that it isn't ready before it takes no more requests.</summary>
    public required TimeSpan DrainWait { get; init; }

    /// <summary>Mutual TLS between the members; null for none.</summary>
    public required ClusterTls? Tls { get; init; }

    /// <summary>Reads <c>Cluster:Mode</c> and what belongs to it; null on a single node.</summary>
    /// <exception cref="ConfigurationException">It is wrong.</exception>
    public static ClusterSettings? Read(IConfiguration configuration)
    {
        switch (configuration["Cluster:Mode"])
        {
            case null or "" or "single":
                return null;
            case "postgres":
                break;
            case var other:
                throw new ConfigurationException($"Cluster:Mode is \"{other}\"; write single (the default) or postgres.");
        }

        if (configuration.GetConnectionString("Actors") is not { } connection || string.IsNullOrWhiteSpace(connection))
        {
            throw new ConfigurationException(
                "Cluster:Mode is postgres, but ConnectionStrings:Actors is missing; write, for example, " +
                "--ConnectionStrings:Actors \"Host=127.0.0.1;Database=actors;Username=actors;Password=…\".");
        }

        if ((configuration.Text("Auth:SigningKey") ?? configuration.Text("Auth:Authority")) is not { } key)
        {
            throw new ConfigurationException(
                "A cluster needs a key that all its nodes share: write the same Auth:SigningKey on each, for example the output of " +
                "openssl rand -base64 48, or Auth:Authority.");
        }

        return new ClusterSettings
        {
            Id = configuration.Text("Cluster:Id") ?? ServiceId,
            ConnectionString = connection,
            KeyMark = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), "the key that members of a cluster share"u8),
            AdoptKey = configuration.Switch("Cluster:AdoptKey"),
            DrainWait = configuration.Length("Cluster:DrainWait", TimeSpan.FromSeconds(3), TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            Tls = ClusterTls.Read(configuration),
        };
    }
}
