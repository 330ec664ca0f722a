using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Actors.Contracts;
using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Events to tell.</summary>
internal static class Told
{
    public const long Business = 1_000_000_007_000_000;
    public const long User = 4_915_112_345_678;

    private static readonly Wamid _wamid = new(new byte[Wamid.KeyLength]);

    /// <summary>The ids of these tests: made under a key of zeros, so that samples can hold them.</summary>
    public static string Id(long number, long user = User) => _wamid.Encode(user, number);

    public static Instant At { get; } = new(1_790_000_000_999);

    /// <summary>An event about the user's message 5.</summary>
    public static LedgerEvent Of(EventKind kind, Category category = Category.Service, bool inWindow = false, byte detail = 0) =>
        new(11, User, new UserEvent(kind, At, Business, 5, Ids.PhoneNumber(Business, 1), 0, category, Detail: detail, InWindow: inWindow), null);

    /// <summary>An event about the user's consent.</summary>
    public static LedgerEvent Consent(EventKind kind, Categories categories = Categories.None, ConsentActor by = ConsentActor.User) =>
        new(12, User, new UserEvent(kind, At, Business, Categories: categories, Detail: (byte)by), null);

    /// <summary>An event as a grain tells it.</summary>
    public static LedgerEvent Of(GrainEvent told) => new(13, 0, new UserEvent(told.Kind, told.At, Business, Template: told.Template), told.Text);

    /// <summary>An event of a business or a template.</summary>
    public static LedgerEvent Of<T>(EventKind kind, T text, JsonTypeInfo<T> type, long template = 0) =>
        Of(new GrainEvent(kind, At, template, JsonSerializer.Serialize(text, type)));

    public static async Task<IReadOnlyList<WebhookUpdate>> ReadAsync(ILedgerStore store, params LedgerEvent[] events) =>
        await WebhookUpdates.ReadAsync(store, _wamid, Business, events, TestContext.Current.CancellationToken);

    /// <summary>The one update about one event, with what is kept of messages.</summary>
    public static async Task<JsonNode> OneAsync(LedgerEvent line, Action<KeptMessages>? keep = null)
    {
        var (store, rows) = KeptMessages.New();
        keep?.Invoke(rows);
        var update = Assert.Single(await ReadAsync(store, line));
        Assert.Equal((line.Seq, WebhookUpdates.FieldOf(line), line.Event.At), (update.Seq, update.Field, update.At));
        Assert.All(update.Value, octet => Assert.InRange(octet, (byte)' ', (byte)'~'));
        return JsonNode.Parse(update.Value)!;
    }
}
