using System.Globalization;

namespace Actors.Api.Hosting;

/// <summary>Reads values of the configuration strictly: what is wrong stops the start, and the message says what to write instead.</summary>
public static class ConfigurationValues
{
    /// <summary>Refuses keys that nobody reads, in the sections of the known ones.</summary>
    /// <param name="configuration">What is read.</param>
    /// <param name="known">The keys.</param>
    /// <param name="list">One of them that is a list, whose parts its reader checks; null for none.</param>
    /// <exception cref="ConfigurationException">There is one.</exception>
    public static void RefuseUnknownKeys(this IConfiguration configuration, IReadOnlyList<string> known, string? list = null)
    {
        foreach (var section in known.Select(k => k[..k.IndexOf(':', StringComparison.Ordinal)]).Distinct())
        {
            foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
            {
                var isPart = list is not null && key.StartsWith($"{list}:", StringComparison.OrdinalIgnoreCase);
                if (value is not null && !isPart && !known.Contains(key, StringComparer.OrdinalIgnoreCase))
                {
                    var names = string.Join(", ", known.Where(k => k.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)));
                    throw new ConfigurationException($"The configuration key {key} is unknown; the keys of this section are {names}.");
                }
            }
        }
    }

    /// <summary>A whole number.</summary>
    /// <exception cref="ConfigurationException">It isn't one, or is out of its range.</exception>
    public static int Number(this IConfiguration configuration, string key, int standard, int least, int most)
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

    /// <summary>On or off.</summary>
    /// <exception cref="ConfigurationException">It is neither.</exception>
    public static bool Switch(this IConfiguration configuration, string key, bool standard = false) => configuration[key] switch
    {
        null or "" => standard,
        { } text when bool.TryParse(text, out var isOn) => isOn,
        var other => throw new ConfigurationException($"{key} is \"{other}\"; write true or false."),
    };

    /// <summary>A length of time.</summary>
    /// <exception cref="ConfigurationException">It isn't one, or is out of its range.</exception>
    public static TimeSpan Length(this IConfiguration configuration, string key, TimeSpan standard, TimeSpan least, TimeSpan most)
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

    /// <summary>A text; null where it is missing or blank.</summary>
    public static string? Text(this IConfiguration configuration, string key) => string.IsNullOrWhiteSpace(configuration[key]) ? null : configuration[key];
}
