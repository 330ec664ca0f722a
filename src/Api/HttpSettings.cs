using System.Globalization;

namespace Actors.Api;

/// <summary>Section <c>Http</c>.</summary>
internal sealed record HttpSettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Http";

    /// <summary>Most requests under way at once; beyond it 503. 1 to 100,000; default 512.</summary>
    public int InFlightMax { get; init; } = 512;

    /// <summary>Most live streams of inboxes at once; beyond it 503. They don't count as requests under way. 0 to 1,000,000; default 25,000.</summary>
    public int StreamsMax { get; init; } = 25_000;

    /// <summary>Whether each request is logged. Default false.</summary>
    public bool AccessLog { get; init; }

    /// <summary>
    /// Whether operators find Orleans' dashboard at <c>/orleans/</c>. The silos must have it on, too; it costs each call of a grain. Default false.
    /// </summary>
    public bool Dashboard { get; init; }

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">It is wrong; the message says what to write.</exception>
    public static HttpSettings From(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var settings = new HttpSettings();
        if (section["InFlightMax"] is { } inFlight)
        {
            settings = settings with
            {
                InFlightMax = int.TryParse(inFlight, NumberStyles.None, CultureInfo.InvariantCulture, out var max) && max is >= 1 and <= 100_000
                    ? max : throw new InvalidOperationException("Http:InFlightMax must be a number from 1 to 100000."),
            };
        }

        if (section["StreamsMax"] is { } streams)
        {
            settings = settings with
            {
                StreamsMax = int.TryParse(streams, NumberStyles.None, CultureInfo.InvariantCulture, out var max) && max is >= 0 and <= 1_000_000
                    ? max : throw new InvalidOperationException("Http:StreamsMax must be a number from 0 to 1000000."),
            };
        }

        if (section["AccessLog"] is { } accessLog)
        {
            settings = settings with
            {
                AccessLog = bool.TryParse(accessLog, out var on) ? on : throw new InvalidOperationException("Http:AccessLog must be true or false."),
            };
        }

        if (section["Dashboard"] is { } dashboard)
        {
            settings = settings with
            {
                Dashboard = bool.TryParse(dashboard, out var on) ? on : throw new InvalidOperationException("Http:Dashboard must be true or false."),
            };
        }

        return settings;
    }
}
