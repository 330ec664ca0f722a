namespace Actors.Api.Hosting;

/// <summary>Keys of the configuration that whoever answers HTTP reads: an API node, and a silo that serves the API, too.</summary>
public static class ApiConfiguration
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "Auth:SigningKey",
        "Auth:Authority",
        "Auth:Audience",
        "Http:AccessLog",
        "Http:Dashboard",
        "Http:InFlightMax",
        "Http:StreamsMax",
        "Telemetry:Otlp",
        "Telemetry:TraceShare",
        "Enrolment:Channel",
        "Enrolment:Url",
        "Enrolment:Token",
        "Enrolment:TokenDays",
        "Enrolment:PerAddress",
        "Enrolment:PerHour",
        "Enrolment:WrongPerHour",
    ];
}
