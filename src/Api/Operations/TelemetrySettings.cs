using System.Globalization;

namespace Actors.Api.Operations;

/// <summary>Section <c>Telemetry</c>: what leaves the node beside what is fetched from it.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Telemetry";

    /// <summary>Where metrics and traces are sent to by OTLP over HTTP, without <c>/v1/…</c>; null for nowhere. Default null.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>Of so many requests a trace is made. 0 (none, and nothing is paid for it) to 1; default 0.</summary>
    public double TraceShare { get; init; }

    /// <summary>Whether traces are made at all.</summary>
    public bool Traces => TraceShare > 0;

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">It is wrong; the message says what to write.</exception>
    public static TelemetrySettings From(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var settings = new TelemetrySettings();
        if (section["Otlp"] is { Length: > 0 } otlp)
        {
            settings = settings with
            {
                Otlp = Uri.TryCreate(otlp, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                    ? uri : throw new InvalidOperationException("Telemetry:Otlp must be an address such as http://collector:4318."),
            };
        }

        if (section["TraceShare"] is { } share)
        {
            settings = settings with
            {
                TraceShare = double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var of) && of is >= 0 and <= 1
                    ? of : throw new InvalidOperationException("Telemetry:TraceShare must be a number from 0 to 1."),
            };
        }

        return settings is { Traces: true, Otlp: null }
            ? throw new InvalidOperationException("Telemetry:TraceShare is above 0, but Telemetry:Otlp doesn't say where traces go.")
            : settings;
    }
}
