using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Actors.Api.V1;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.Tests.Stored;

/// <summary>
/// Where each value that is stored of a person stands in their export, by table and column, and within the record by type and member; or why it doesn't.
/// What is in neither list is forgotten, and fails the test.
/// </summary>
internal sealed partial class ExportedValues(long user, Wamid wamid, JsonElement export)
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Columns of which 0 says something, too.</summary>
    private static readonly HashSet<string> Numbered =
        ["messages.direction", "messages.category", "messages.status", "consents.granted", "consents.actor", "consents.source"];

    private readonly long _user = user;
    private readonly Wamid _wamid = wamid;
    private readonly JsonElement _export = export;
    private readonly HashSet<string> _found = [];

    /// <summary>What there is and no value of it was ever looked for: then the person of the test has too little.</summary>
    public IEnumerable<string> Unproven(IEnumerable<string> columns) =>
        columns.Select(Known).Where(Shown.ContainsKey).Concat(Shown.Keys.Where(name => char.IsUpper(name[0]))).Distinct().Except(_found);

    /// <summary>Whether a column is in a list.</summary>
    public static bool IsKnown(string column) => Shown.ContainsKey(Known(column)) || NotShown.ContainsKey(Known(column));

    /// <summary>Whether a value of a column stands in this part of the export, or needn't.</summary>
    public bool Holds(JsonElement part, string column, object? value)
    {
        var name = Known(column);
        if (value is null || NotShown.ContainsKey(name) || (IsNothing(value) && !Numbered.Contains(name)))
        {
            return true;
        }

        _found.Add(name);
        return Shown.TryGetValue(name, out var isThere) && isThere(this, part, value);
    }

    /// <summary>Whether an event is told by the times of its message.</summary>
    public static bool IsOfMessages(object kind) => (EventKind)Convert.ToByte(kind, Plain) is EventKind.Accepted or EventKind.Delivered or EventKind.Read
        or EventKind.Failed or EventKind.Expired or EventKind.Inbound or EventKind.ReadByBusiness;

    public static string KindOf(object kind) => Snake((EventKind)Convert.ToByte(kind, Plain));

    /// <summary>One name for what both databases have.</summary>
    private static string Known(string column) => column.Replace(".user_id", ".user", StringComparison.Ordinal)
        .Replace(".is_grant", ".granted", StringComparison.Ordinal);

    /// <summary>Whether all members of a value of the policy stand in a part; names the first that doesn't.</summary>
    private bool HoldsAll(JsonElement part, object value)
    {
        if (value is IEnumerable many)
        {
            return many.Cast<object>().All(one => HoldsAll(part, one));
        }

        if (value is Relation { Business: var business })
        {
            part = PartOf(business);
        }

        foreach (var member in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsStored))
        {
            var name = $"{value.GetType().Name}.{member.Name}";
            var inner = member.GetValue(value);
            if (inner is null || IsNothing(inner))
            {
                continue;
            }

            var isList = Shown.ContainsKey(name) || NotShown.ContainsKey(name);
            var type = inner is IEnumerable and not string ? inner.GetType().GetGenericArguments().FirstOrDefault() ?? inner.GetType() : inner.GetType();
            var isOfPolicy = type is { IsEnum: false, Namespace: "Actors.Policy.Users" };
            Assert.True(
                isList ? inner is IEnumerable and not string ? ((IEnumerable)inner).Cast<object>().All(one => Holds(part, name, one)) : Holds(part, name, inner)
                    : isOfPolicy && HoldsAll(part, inner),
                $"{name} is {inner}, and is not exported");
        }

        return true;
    }

    /// <summary>Not what is worked out of others.</summary>
    private static bool IsStored(PropertyInfo member) =>
        member.DeclaringType!.GetField($"<{member.Name}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance) is not null;

    /// <summary>What the export says of a business, in the overview and beside it.</summary>
    private JsonElement PartOf(long business) => JsonSerializer.SerializeToElement(new[]
    {
        _export.GetProperty("overview").GetProperty("businesses").EnumerateArray().Single(one => Is(one, "id", business.ToString(Plain))),
        _export.GetProperty("businesses").EnumerateArray().Single(one => Is(one, "business", business.ToString(Plain))),
    });

    private static bool IsNothing(object value) => (value.GetType().IsEnum && Convert.ToInt64(value, Plain) == 0)
        || value is Instant { Milliseconds: 0 } or 0L or 0 or (short)0 or 0u
        || (value is IEnumerable and not string and not byte[] && !((IEnumerable)value).Cast<object>().Any());

    private static bool Always(ExportedValues of, JsonElement part, object value) => Convert.ToInt64(value, Plain) == of._user;

    private static bool Digits(ExportedValues of, JsonElement part, object value) => Any(part, one => one.ValueEquals(Convert.ToString(value, Plain)));

    private static bool Id(ExportedValues of, JsonElement part, object value)
    {
        var id = of._wamid.Encode(of._user, Convert.ToInt64(value, Plain));
        return Any(part, one => one.ValueEquals(id));
    }

    private static bool Time(ExportedValues of, JsonElement part, object value)
    {
        var at = (value is Instant instant ? instant : new Instant(Convert.ToInt64(value, Plain))).ToString();
        return Any(part, one => one.ValueEquals(at));
    }

    private static bool Text(ExportedValues of, JsonElement part, object value)
    {
        var text = value is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : (string)value;
        return Any(part, one => one.ValueEquals(text));
    }

    private static bool Categories(ExportedValues of, JsonElement part, object value) =>
        Words.Of((Categories)Convert.ToInt64(value, Plain)).All(word => Any(part, one => one.ValueEquals(word)));

    private static Func<ExportedValues, JsonElement, object, bool> Member(string name) => (of, part, value) =>
        Members(part, name).Any(one => one.ValueKind == JsonValueKind.Number && one.GetInt64() == Convert.ToInt64(value, Plain));

    private static Func<ExportedValues, JsonElement, object, bool> Flag(string name) => (of, part, value) =>
        Members(of._export.GetProperty("overview").GetProperty("preferences"), name).Any(one => one.GetBoolean() == (bool)value);

    private static Func<ExportedValues, JsonElement, object, bool> Minutes(string name) => (of, part, value) =>
        Has(part, name, new TimeOnly((int)value / 60, (int)value % 60).ToString("HH:mm", Plain));

    private static bool Has(JsonElement part, string name, string text) =>
        Members(part, name).Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(text));

    private static bool Is(JsonElement part, string name, string text) => part.TryGetProperty(name, out var member) && member.ValueEquals(text);

    private static string Snake<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static bool Any(JsonElement part, Func<JsonElement, bool> isIt) => Values(part).Any(one => one.ValueKind == JsonValueKind.String && isIt(one));

    private static IEnumerable<JsonElement> Values(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.Object => part.EnumerateObject().SelectMany(member => Values(member.Value)),
        JsonValueKind.Array => part.EnumerateArray().SelectMany(Values),
        _ => [part],
    };

    private static IEnumerable<JsonElement> Members(JsonElement part, string name) => part.ValueKind switch
    {
        JsonValueKind.Object => part.EnumerateObject().SelectMany(member => member.Name == name ? [member.Value] : Members(member.Value, name)),
        JsonValueKind.Array => part.EnumerateArray().SelectMany(one => Members(one, name)),
        _ => [],
    };
}
