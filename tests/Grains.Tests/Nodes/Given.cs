using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Nodes;

/// <summary>What tests start from. Every test takes users and businesses of its own, so that tests can share a node.</summary>
internal static class Given
{
    private static int _serial = 1_000;

    public static long NewUser() => 4_900_000_000_000 + Interlocked.Increment(ref _serial);

    public static long NewBusiness() => Ids.Business(Interlocked.Increment(ref _serial));

    public static SendRequest Send(long business, Category category = Category.Utility, ulong? key = null, ulong body = 0, long epoch = 0) => new(
        new()
        {
            Business = business,
            PhoneNumber = Ids.PhoneNumber(business, 0),
            Template = category == Category.Service ? 0 : Ids.Template(business, 0),
            Category = category,
            Content = """{"type":"text"}"""u8.ToArray(),
            Key = key,
            Body = body,
            Quota = 0,
        },
        epoch);

    public static OptIn OptIn(long business, Instant at, bool byUser = false, Categories categories = Categories.All) =>
        new(business, categories, byUser, ConsentSource.Website, at, "yes, please", null);

    public static InboundCommand Says(long business, string? text, ulong? key = null, ulong body = 0) => new()
    {
        Business = business,
        PhoneNumber = Ids.PhoneNumber(business, 0),
        Text = text,
        Content = """{"type":"text"}"""u8.ToArray(),
        Key = key,
        Body = body,
    };

    public static BusinessRegistration Registration(long business, string name = "Bakery") =>
        new(name, "DE", [new BusinessNumber(Ids.PhoneNumber(business, 0), 4_930_123_456)], null, null, null);

    public static TemplateDraft Draft(string language = "en_US", string body = "Your order is ready.", Category category = Category.Utility) => new(
        new TemplateContent { Name = "ignored", Language = language, Category = category, Body = body },
        """[{"type":"BODY"}]"""u8.ToArray());

    /// <summary>Conversations as the log tells of them that were opened just now, each paid for by a piece of the messaging limit.</summary>
    /// <param name="from">Place of the first one.</param>
    public static ImmutableArray<EventLine> Openings(long business, long piece, int count, long from)
    {
        var opened = new UserEvent(
            EventKind.Accepted, Instant.From(TimeProvider.System.GetUtcNow()), business, Category: Category.Utility, Opened: true, Quota: piece);
        return [.. Enumerable.Range(0, count).Select(i => new EventLine(from + i, 4_900_000_000_000 + i, opened, null))];
    }

    /// <summary>Users delivered to and reports of a template, as the log tells of them, that make it red.</summary>
    public static ImmutableArray<EventLine> Red(long business, long template, Instant at) =>
    [
        .. Enumerable.Range(1, 60).Select(i => new EventLine(
            i, i, new UserEvent(EventKind.Delivered, at, business, Template: template, Quality: QualityMark.Of(true, true)), null)),
        .. Enumerable.Range(61, 30).Select(i => new EventLine(
            i, i, new UserEvent(EventKind.Reported, at, business, Quality: QualityMark.Of(NegativeSignal.Report, null, template)), null)),
    ];

    /// <summary>A user who has opted in to all of a business's categories.</summary>
    public static async Task<long> OptedInAsync(TestNode node, params long[] businesses)
    {
        var user = NewUser();
        foreach (var business in businesses)
        {
            var reply = await node.User(user).OptInAsync(OptIn(business, node.Ledger.Clock.Now));
            Assert.Equal(new ActionReply(null, true), reply);
        }

        return user;
    }
}
