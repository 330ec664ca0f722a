using System.Globalization;

namespace Actors.Api.Enrolments;

/// <summary>Which way codes go to people.</summary>
internal enum EnrolmentChannelKind
{
    /// <summary>None: nobody can enrol here.</summary>
    None,

    /// <summary>The node's own log, for development.</summary>
    Console,

    /// <summary>A gateway that sends text messages.</summary>
    Http,
}

/// <summary>Section <c>Enrolment</c>: how people get a token of their own.</summary>
internal sealed record EnrolmentSettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Enrolment";

    /// <summary>Which way codes go. <c>console</c> in the environment Development, else <c>none</c>.</summary>
    public EnrolmentChannelKind Channel { get; init; }

    /// <summary>Where the gateway takes codes; https, or http on this machine. Only with <see cref="EnrolmentChannelKind.Http"/>.</summary>
    public Uri? Url { get; init; }

    /// <summary>What the gateway knows this node by: sent as a bearer token; null for nothing.</summary>
    public string? Token { get; init; }

    /// <summary>How long a user's token lives: 1 to 3,650 days; default 90.</summary>
    public int TokenDays { get; init; } = 90;

    /// <summary>Codes that one network address may ask this node for in an hour: 1 to 1,000,000; default 20.</summary>
    public int PerAddress { get; init; } = 20;

    /// <summary>Codes that this node sends in an hour: 1 to 1,000,000; default 1,000.</summary>
    public int PerHour { get; init; } = 1_000;

    /// <summary>
    /// Wrong tries that this node takes in an hour, over all numbers and addresses: 1 to 1,000,000; default 200. Beyond it nobody can try a code here for a
    /// while.
    /// </summary>
    public int WrongPerHour { get; init; } = 200;

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">It is wrong; the message says what to write.</exception>
    public static EnrolmentSettings From(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var isDevelopment = string.Equals(configuration[HostDefaults.EnvironmentKey], Environments.Development, StringComparison.OrdinalIgnoreCase);
        var settings = new EnrolmentSettings
        {
            Channel = Value(section["Channel"]) switch
            {
                null => isDevelopment ? EnrolmentChannelKind.Console : EnrolmentChannelKind.None,
                "none" => EnrolmentChannelKind.None,
                "console" => EnrolmentChannelKind.Console,
                "http" => EnrolmentChannelKind.Http,
                _ => throw new InvalidOperationException("Enrolment:Channel must be none, console (for development) or http."),
            },
            Url = Value(section["Url"]) is { } url ? Address(url) : null,
            Token = Value(section["Token"]),
            TokenDays = Number(section, "TokenDays", 90, Auth.TokenIssuer.DaysMax),
            PerAddress = Number(section, "PerAddress", 20, 1_000_000),
            PerHour = Number(section, "PerHour", 1_000, 1_000_000),
            WrongPerHour = Number(section, "WrongPerHour", 200, 1_000_000),
        };
        return settings switch
        {
            { Channel: EnrolmentChannelKind.Http, Url: null } => throw new InvalidOperationException(
                "Enrolment:Channel is http, but Enrolment:Url is missing: write the address that takes codes."),
            { Channel: not EnrolmentChannelKind.Http, Url: not null } => throw new InvalidOperationException(
                "Enrolment:Url is given, but Enrolment:Channel isn't http."),
            _ => settings,
        };
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            ? uri
            : throw new InvalidOperationException("Enrolment:Url must be an https address (http only for this machine).");

    private static int Number(IConfigurationSection section, string key, int standard, int most) =>
        Value(section[key]) is not { } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{Section}:{key} must be a whole number from 1 to {most}."));

    private static string? Value(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
