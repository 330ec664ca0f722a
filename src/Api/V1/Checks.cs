using System.Buffers;
using System.Globalization;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>Checks the values of one request and gathers everything that is wrong with it, so that the caller hears it at once.</summary>
/// <remarks>What it says never repeats a value: that may be a phone number.</remarks>
internal sealed class Checks
{
    private static readonly SearchValues<char> DeviceCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly List<(string Field, string Rule)> _faults = [];

    /// <summary>What is wrong so far, in the order it was found.</summary>
    public IReadOnlyList<(string Field, string Rule)> Faults => _faults;

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool Hold => _faults.Count == 0;

    public void Add(string field, string rule) => _faults.Add((field, rule));

    /// <summary>Text: <paramref name="min"/> to <paramref name="max"/> characters (UTF-16 units), not blank, without control characters.</summary>
    /// <param name="field">Its name.</param>
    /// <param name="value">What came; null passes.</param>
    /// <param name="max">Most characters.</param>
    /// <param name="min">Fewest.</param>
    /// <param name="lines">Whether line breaks and tabs are allowed.</param>
    public void Text(string field, string? value, int max, int min = 1, bool lines = false)
    {
        if (value is null)
        {
            return;
        }

        if (value.Length < min || value.Length > max || string.IsNullOrWhiteSpace(value))
        {
            Add(field, string.Create(CultureInfo.InvariantCulture, $"it must have {min} to {max} characters and not only blanks"));
        }
        else if (value.Any(c => (char.IsControl(c) && !(lines && c is '\n' or '\r' or '\t')) || (!lines && c is '\u2028' or '\u2029')))
        {
            Add(field, lines ? "it must not contain control characters" : "it must be one line without control characters");
        }
    }

    /// <summary>An absolute http or https address of at most 2,048 characters; null passes.</summary>
    public void Url(string field, string? value)
    {
        if (value is not null && (value.Length > 2_048 || !Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
        {
            Add(field, "it must be an absolute http or https address of at most 2048 characters");
        }
    }

    /// <summary>A whole number.</summary>
    public void Range(string field, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            Add(field, string.Create(CultureInfo.InvariantCulture, $"it must be a whole number from {min} to {max}"));
        }
    }

    /// <summary>A word of a closed list.</summary>
    public T Word<T>(string field, string value)
        where T : struct, Enum
    {
        if (Words.Parse<T>(value) is { } word)
        {
            return word;
        }

        Add(field, $"it must be one of {Words.List<T>()}");
        return default;
    }

    /// <summary>Categories of consent: at least one, each at most once.</summary>
    public Categories CategorySet(string field, IEnumerable<string?> values)
    {
        var set = Categories.None;
        foreach (var value in values)
        {
            if (Words.Parse<Categories>(value) is not { } category || set.HasFlag(category))
            {
                set = Categories.None;
                break;
            }

            set |= category;
        }

        if (set == Categories.None)
        {
            Add(field, $"it must name one or more of {Words.List<Categories>()}, each at most once");
        }

        return set;
    }

    /// <summary>A user's number.</summary>
    public long User(string field, string value)
    {
        if (PhoneDigits.TryParse(value, out var user))
        {
            return user;
        }

        Add(field, "it must be a full phone number: country code and number, 7 to 15 digits");
        return 0;
    }

    /// <summary>A time.</summary>
    public Instant Time(string field, string value)
    {
        if (Rfc3339.TryParse(value, out var at))
        {
            return at;
        }

        Add(field, "it must be an RFC 3339 time in UTC from 1970 on, such as 2026-11-22T09:30:00Z");
        return default;
    }

    /// <summary>A time of day: minutes after midnight; null where it is none.</summary>
    public int? TimeOfDay(string field, string value)
    {
        if (TimeOnly.TryParseExact(value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return (time.Hour * 60) + time.Minute;
        }

        Add(field, "it must be a time from 00:00 to 23:59");
        return null;
    }

    /// <summary>The name of a device; null passes.</summary>
    public void Device(string field, string? value)
    {
        if (value is not null && (value.Length is < 1 or > 36 || value.AsSpan().ContainsAnyExcept(DeviceCharacters)))
        {
            Add(field, "it must have 1 to 36 characters out of A-Z, a-z, 0-9, dash and underscore");
        }
    }

    /// <summary>The text of an id of the given kind.</summary>
    public static bool TryId(string value, IdKind kind, out long id) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out id) && value.Length == 16 && Ids.KindOf(id) == kind;
}
