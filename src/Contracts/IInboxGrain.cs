using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;
using Orleans.Concurrency;

namespace Actors.Contracts;

/// <summary>What live streams of inboxes need of the ledger, for many users in one call. Key: 0. Runs on every node.</summary>
[Alias("actors.inbox")]
public interface IInboxGrain : IGrainWithIntegerKey
{
    /// <summary>What happened behind a place of the log that somebody's devices may want to know. Waits a moment where there is nothing.</summary>
    /// <param name="after">The place; null for where the log ends now: whatever is found by a read after the answer stands before it or comes as news.</param>
    [Alias("news"), AlwaysInterleave]
    Task<InboxNews> NewsAsync(long? after);

    /// <summary>Messages to users, each behind its place. What is not answered for, because it would be too much at once, is asked for again.</summary>
    /// <returns>Pages for the first ones of the places, in order; at least one.</returns>
    [Alias("messages"), AlwaysInterleave]
    Task<ImmutableArray<InboxPage>> MessagesAsync(ImmutableArray<InboxPlace> places);

    /// <summary>Statuses of messages to users. A full page (<see cref="StatusesMax"/>) has more behind it.</summary>
    /// <returns>Pages in the order of the places.</returns>
    [Alias("statuses"), AlwaysInterleave]
    Task<ImmutableArray<ImmutableArray<StatusNote>>> StatusesAsync(ImmutableArray<StatusPlace> places);

    /// <summary>The entries of the consent logs that messages rest on; those that there are, in no order.</summary>
    [Alias("consents"), AlwaysInterleave]
    Task<ImmutableArray<ConsentLine>> ConsentsAsync(long user, ImmutableArray<uint> entries);

    /// <summary>Most statuses of a page.</summary>
    const int StatusesMax = 200;
}

/// <summary>News for devices.</summary>
/// <param name="Lines">In ledger order.</param>
/// <param name="Next">The place up to which there is nothing else.</param>
/// <param name="Now">The ledger's time.</param>
/// <param name="IsGap">Whether what came before is no longer known: whoever missed it has to look for themself.</param>
[GenerateSerializer, Immutable, Alias("actors.inbox-news")]
public sealed record InboxNews(
    [property: Id(0)] ImmutableArray<NewsLine> Lines, [property: Id(1)] long Next, [property: Id(2)] Instant Now, [property: Id(3)] bool IsGap);

/// <summary>What is news. Sent as a number: never renumber.</summary>
public enum NewsKind : byte
{
    /// <summary>A message was accepted.</summary>
    Message = 1,

    /// <summary>A message was delivered.</summary>
    Delivered = 2,

    /// <summary>A message was read.</summary>
    Read = 3,

    /// <summary>A message has failed.</summary>
    Failed = 4,

    /// <summary>A message has expired.</summary>
    Expired = 5,

    /// <summary>The user changed preferences, or a device went.</summary>
    User = 6,

    /// <summary>A template of a business was changed.</summary>
    Template = 7,

    /// <summary>The user was erased: nobody listens for them any more.</summary>
    Erased = 8,
}

/// <summary>One piece of news.</summary>
/// <param name="Subject">The user; for templates the business.</param>
/// <param name="Message">The message's number within the user; 0 for none.</param>
/// <param name="At">When it happened.</param>
/// <param name="Kind">What.</param>
[GenerateSerializer, Immutable, Alias("actors.news-line")]
public readonly record struct NewsLine(
    [property: Id(0)] long Subject, [property: Id(1)] long Message, [property: Id(2)] Instant At, [property: Id(3)] NewsKind Kind);

/// <summary>Where a device stands.</summary>
/// <param name="User">The user.</param>
/// <param name="After">The number of the last message it has.</param>
[GenerateSerializer, Immutable, Alias("actors.inbox-place")]
public readonly record struct InboxPlace([property: Id(0)] long User, [property: Id(1)] long After);

/// <summary>Which statuses a device may have missed.</summary>
/// <param name="User">The user.</param>
/// <param name="After">Only of messages with numbers above this.</param>
/// <param name="UpTo">Only of messages with numbers up to this.</param>
/// <param name="Since">Only those reached at this instant or later.</param>
[GenerateSerializer, Immutable, Alias("actors.status-place")]
public readonly record struct StatusPlace(
    [property: Id(0)] long User, [property: Id(1)] long After, [property: Id(2)] long UpTo, [property: Id(3)] Instant Since);

/// <summary>How far a message has come.</summary>
/// <param name="Message">Its number within the user.</param>
/// <param name="Status">Its status.</param>
/// <param name="At">When it came to it.</param>
[GenerateSerializer, Immutable, Alias("actors.status-note")]
public readonly record struct StatusNote([property: Id(0)] long Message, [property: Id(1)] MessageStatus Status, [property: Id(2)] Instant At);

/// <summary>A page of a user's messages.</summary>
/// <param name="Messages">Ascending; those that nobody gets any more (failed, expired, due) come without their content.</param>
/// <param name="Consents">The entries of the consent log that they rest on.</param>
/// <param name="IsFull">Whether there may be more behind it.</param>
[GenerateSerializer, Immutable, Alias("actors.inbox-page")]
public sealed record InboxPage(
    [property: Id(0)] ImmutableArray<StoredMessage> Messages, [property: Id(1)] ImmutableArray<ConsentEntry> Consents, [property: Id(2)] bool IsFull);

/// <summary>Whether marketing may be pushed.</summary>
/// <param name="QuietUntil">Until when it has to wait; null where it may go, and is noted as handed out.</param>
/// <param name="Withheld">Numbers of those that may not go at all: the user has withdrawn from their business.</param>
[GenerateSerializer, Immutable, Alias("actors.push-reply")]
public sealed record PushReply([property: Id(0)] Instant? QuietUntil, [property: Id(1)] ImmutableArray<long> Withheld);

/// <summary>A marketing message that is about to be pushed.</summary>
/// <param name="Number">Its number within the user.</param>
/// <param name="Business">Whose it is.</param>
[GenerateSerializer, Immutable, Alias("actors.pushed-message")]
public readonly record struct PushedMessage([property: Id(0)] long Number, [property: Id(1)] long Business);
