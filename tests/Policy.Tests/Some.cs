using System.Collections.Immutable;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Policy.Tests;

/// <summary>What tests start from.</summary>
internal static class Some
{
    public const long Business = 100;
    public const long OtherBusiness = 200;
    public const long Number = 1_000;

    /// <summary>A Tuesday, far from every boundary.</summary>
    public static readonly Instant Now = Instant.From(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The smallest step of time.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static readonly PolicyNumbers Numbers = PolicyNumbers.Default;

    public static readonly Consent Granted = new(ConsentStatus.Granted, Now - TimeSpan.FromDays(30), ConsentSource.Website, 1);

    public static Relation OptedIn(long business = Business) =>
        new() { Business = business, Utility = Granted, Authentication = Granted, Marketing = Granted };

    public static UserState With(params ReadOnlySpan<Relation> relations) => new() { Relations = [.. relations], ConsentEntries = 1 };

    public static SendCommand Send(Category category, long business = Business) =>
        new() { Business = business, PhoneNumber = Number, Template = category == Category.Service ? 0 : 7, Category = category, Quota = 0 };

    public static SendDecision Decide(UserState state, SendCommand send, Instant? now = null, PolicyNumbers? numbers = null) =>
        SendGate.Decide(state, send, numbers ?? Numbers, now ?? Now, NoZones);

    /// <summary>A world without zones: for users without quiet hours.</summary>
    public static TimeSpan? NoZones(string timeZone, Instant at) => null;

    public static ImmutableArray<Finding> Explain(UserState state, SendCommand send, Instant? now = null, PolicyNumbers? numbers = null) =>
        SendGate.Explain(state, send, numbers ?? Numbers, now ?? Now, NoZones);

    public static InboundCommand Says(string? text, long business = Business) => new() { Business = business, PhoneNumber = Number, Text = text };

    public static UserState After(this UserState state, InboundCommand command, Instant? now = null) =>
        InboundGate.Decide(state, command, Numbers, now ?? Now).Done().Next;

    public static OptIn OptIn(Categories categories, bool byUser = false, Instant? at = null) =>
        new(Business, categories, byUser, ConsentSource.Website, at ?? Now, "We may write to you.", "form 7");

    public static StoredMessage Message(
        Direction direction = Direction.ToUser, Category category = Category.Marketing, MessageStatus status = MessageStatus.Accepted) => new()
        {
            Number = 5,
            Direction = direction,
            Business = Business,
            PhoneNumber = Number,
            Template = 7,
            Category = category,
            At = Now - Day,
            Status = status,
            ExpiresAt = Now,
        };

    /// <summary>The change of a decision that has to be one.</summary>
    public static Change Done(this ActionDecision decision)
    {
        Assert.Null(decision.Refusal);
        return decision.Change ?? throw new InvalidOperationException("Nothing changed.");
    }

    /// <summary>The change of a send that has to be accepted.</summary>
    public static Change Done(this SendDecision decision)
    {
        Assert.Null(decision.Reason);
        Assert.Null(decision.RetryAt);
        return decision.Change ?? throw new InvalidOperationException("Neither a reason nor a change.");
    }

    /// <summary>What holds with <see cref="Business"/> after a change.</summary>
    public static Relation Relation(this Change change, long business = Business) =>
        change.Next.RelationWith(business) ?? throw new InvalidOperationException("No entry.");

    public static ImmutableArray<EventKind> Kinds(this Change change) => [.. change.Events.Select(each => each.Kind)];
}
