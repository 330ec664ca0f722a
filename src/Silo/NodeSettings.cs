using System.Globalization;
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
        "Storage:Provider",
        "ConnectionStrings:Actors",
        "Data:Directory",
        "Cluster:Mode",
        "Cluster:SiloPort",
        "Auth:SigningKey",
        "Auth:Authority",
        "Auth:Audience",
        "Ledger:Retention",
        "Ledger:ContentRetention",
        "Ledger:QueueMax",
        "Ledger:BatchMax",
        "Webhooks:AllowHttp",
        "Webhooks:AllowPrivate",
        "Http:AccessLog",
        "Http:InFlightMax",
        "Http:StreamsMax",
        "Enrolment:Channel",
        "Enrolment:Url",
        "Enrolment:Token",
        "Enrolment:TokenDays",
        "Enrolment:PerAddress",
        "Enrolment:PerHour",
        "Enrolment:WrongPerHour",
    ];

    /// <summary><c>Storage:Provider</c>.</summary>
    public required StorageProvider Provider { get; init; }

    /// <summary><c>ConnectionStrings:Actors</c>; null with SQLite.</summary>
    public required string? ConnectionString { get; init; }

    /// <summary><c>Data:Directory</c>, absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>Cluster:SiloPort</c>; 0 takes a free one.</summary>
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
        RefuseUnknownKeys(configuration, Keys);
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

        var mode = configuration["Cluster:Mode"];
        if (mode is not (null or "" or "single"))
        {
            throw new ConfigurationException($"Cluster:Mode is \"{mode}\"; this version runs as a single node: write single, or leave it out.");
        }

        if (configuration["Auth:SigningKey"] is { Length: > 0 } key && System.Text.Encoding.UTF8.GetByteCount(key) < 32)
        {
            throw new ConfigurationException(
                "Auth:SigningKey is shorter than 32 bytes; write a longer one, for example the output of: openssl rand -base64 48.");
        }

        var directory = configuration["Data:Directory"];
        var retention = Length(configuration, "Ledger:Retention", TimeSpan.FromDays(90), RetentionLeast, TimeSpan.FromDays(3_650));
        return new NodeSettings
        {
            Provider = provider,
            ConnectionString = connection,
            DataDirectory = Path.GetFullPath(string.IsNullOrWhiteSpace(directory) ? "data" : directory),
            SiloPort = Number(configuration, "Cluster:SiloPort", 0, 0, 65_535),
            Retention = retention,
            ContentRetention = ContentRetentionOf(configuration, retention),
            QueueMax = Number(configuration, "Ledger:QueueMax", 4_096, 16, 1_000_000),
            BatchMax = Number(configuration, "Ledger:BatchMax", 512, 1, 10_000),
            WebhooksAllowHttp = Switch(configuration, "Webhooks:AllowHttp"),
            WebhooksAllowPrivate = Switch(configuration, "Webhooks:AllowPrivate"),
        };
    }

    /// <summary>Refuses keys that nobody reads, in the sections of the known ones.</summary>
    internal static void RefuseUnknownKeys(IConfiguration configuration, IReadOnlyList<string> known)
    {
        foreach (var section in known.Select(k => k[..k.IndexOf(':', StringComparison.Ordinal)]).Distinct())
        {
            foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
            {
                if (value is not null && !known.Contains(key, StringComparer.OrdinalIgnoreCase))
                {
                    var names = string.Join(", ", known.Where(k => k.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)));
                    throw new ConfigurationException($"The configuration key {key} is unknown; the keys of this section are {names}.");
                }
            }
        }
    }

    private static TimeSpan ContentRetentionOf(IConfiguration configuration, TimeSpan retention)
    {
        var standard = TimeSpan.FromDays(30);
        var length = Length(
            configuration, "Ledger:ContentRetention", standard < retention ? standard : retention, TimeSpan.FromDays(1), TimeSpan.FromDays(90));
        return length <= retention
            ? length
            : throw new ConfigurationException(
                $"Ledger:ContentRetention is {length}, longer than Ledger:Retention, which is {retention}; no content outlives its message's row.");
    }

    private static int Number(IConfiguration configuration, string key, int standard, int least, int most)
    {
        var text = configuration[key];
        if (string.IsNullOrWhiteSpace(text))
        {
            return standard;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ConfigurationException($"{key} is \"{text}\"; write a whole number from {least} to {most}.");
    }

    private static bool Switch(IConfiguration configuration, string key) => configuration[key] switch
    {
        null or "" => false,
        { } text when bool.TryParse(text, out var isOn) => isOn,
        var other => throw new ConfigurationException($"{key} is \"{other}\"; write true or false."),
    };

    private static TimeSpan Length(IConfiguration configuration, string key, TimeSpan standard, TimeSpan least, TimeSpan most)
    {
        var text = configuration[key];
        if (string.IsNullOrWhiteSpace(text))
        {
            return standard;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var length) && length >= least && length <= most
            ? length
            : throw new ConfigurationException(
                $"{key} is \"{text}\"; write a length of time such as 90.00:00:00 (days.hours:minutes:seconds), from {least} to {most}.");
    }
}
