using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>What the platform keeps of the record itself.</summary>
/// <param name="Version">How often it was changed.</param>
/// <param name="LastAt">The newest instant in it.</param>
/// <param name="Messages">How many messages there were: the next one has the number after it.</param>
/// <param name="ConsentEntries">How many entries the consent log has.</param>
/// <param name="KeysDroppedAt">When the newest key was used that isn't among the keys any more.</param>
internal sealed record ExportRecord(long Version, string LastAt, long Messages, long ConsentEntries, string? KeysDroppedAt)
{
    public static ExportRecord From(UserView view) => new(
        view.Version, view.State.LastAt.ToString(), view.State.Messages, view.State.ConsentEntries, view.State.KeysDroppedAt?.ToString());
}

/// <summary>What the platform keeps with one business beside what the overview shows.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="OpenedAt">When it last opened a conversation.</param>
/// <param name="PairRestedAt">When it may write as often as it likes again.</param>
/// <param name="Undelivered">Its messages that are not delivered.</param>
/// <param name="BlockedByBusinessAt">Since when the user is on its own block list.</param>
/// <param name="WindowFrom">The user's last message that opened or refreshed the window, whether that is open or not.</param>
/// <param name="MarketingStoppedBy">How the user stopped its marketing: word or call.</param>
/// <param name="MarketingRestsUntil">Until when its marketing rests or rested.</param>
/// <param name="LastDeliveredAt">When a message of it was delivered last, as far as the platform still judges by it.</param>
/// <param name="Quality">What of the user's deliveries and signals the business is still judged by; missing where nothing is.</param>
/// <param name="LastSpoke">Who spoke last: user or business.</param>
/// <param name="LastSpokeAt">From when on the other one's answer is timed.</param>
internal sealed record ExportRelation(
    string Business,
    string? OpenedAt,
    string? PairRestedAt,
    int Undelivered,
    string? BlockedByBusinessAt,
    string? WindowFrom,
    string? MarketingStoppedBy,
    string? MarketingRestsUntil,
    string? LastDeliveredAt,
    ExportQuality? Quality,
    string? LastSpoke,
    string? LastSpokeAt)
{
    public static ExportRelation From(Relation relation) => new(
        relation.Business.ToString(CultureInfo.InvariantCulture),
        relation.OpenedAt?.ToString(),
        relation.PairRested == default ? null : relation.PairRested.ToString(),
        relation.Undelivered,
        relation.BlockedByBusinessAt?.ToString(),
        relation.WindowFrom?.ToString(),
        relation.Stop switch { MarketingStop.None => null, MarketingStop.ByWord => "word", MarketingStop.ByCall => "call" },
        relation.RestsUntil?.ToString(),
        relation.Quality?.DeliveredAt?.ToString(),
        ExportQuality.From(relation.Quality),
        relation.Turn is { } turn ? turn.ByUser ? "user" : "business" : null,
        relation.Turn?.At.ToString());
}

/// <summary>What of the user's deliveries and signals a business and its templates are still judged by.</summary>
/// <param name="Template">Id of the template that was delivered last, and is charged with signals.</param>
/// <param name="CountedAt">When a delivery last counted the user.</param>
/// <param name="Templates">Templates of which a delivery counted the user.</param>
/// <param name="SignalsFrom">When the user's signals began of which only the heaviest counts.</param>
/// <param name="HeaviestSignal">not_interested, opt_out, block or report.</param>
internal sealed record ExportQuality(
    string? Template, string? CountedAt, IReadOnlyList<ExportCountedTemplate> Templates, string? SignalsFrom, string? HeaviestSignal)
{
    public static ExportQuality? From(QualityTrail? trail) => trail is null ? null : new(
        trail.Template == 0 ? null : trail.Template.ToString(CultureInfo.InvariantCulture),
        trail.CountedAt?.ToString(),
        [.. trail.Counted.Select(one => new ExportCountedTemplate(one.Template.ToString(CultureInfo.InvariantCulture), one.At.ToString()))],
        trail.SignalsFrom?.ToString(),
        trail.Heaviest is { } signal ? JsonNamingPolicy.SnakeCaseLower.ConvertName(signal.ToString()) : null);
}

/// <summary>A template of which a delivery counted the user.</summary>
internal sealed record ExportCountedTemplate(string Template, string At);

/// <summary>A device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Since">Since when it is registered.</param>
/// <param name="Acked">Id of the message up to which it said that it has everything.</param>
/// <param name="ReadUpTo">Id of the message up to which it said that everything was read on it.</param>
internal sealed record ExportDevice(string Name, string Since, string? Acked, string? ReadUpTo);

/// <summary>What is kept, under keyed hashes, of an earlier life that the user has erased.</summary>
/// <param name="ErasedAt">When it was erased last.</param>
/// <param name="Messages">How many messages there had been.</param>
/// <param name="TakenFromAll">Categories that the preferences had turned off for all businesses.</param>
/// <param name="Businesses">What their word had taken away from the businesses of this life.</param>
internal sealed record ExportPast(string ErasedAt, long Messages, IReadOnlyList<string> TakenFromAll, IReadOnlyList<ExportWithdrawal> Businesses);

/// <summary>What a user's word in an earlier life took away from a business.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Taken">Categories, those taken from all among them.</param>
/// <param name="ErasedAt">When that life was erased: opt-ins from before are none any more.</param>
internal sealed record ExportWithdrawal(string Business, IReadOnlyList<string> Taken, string ErasedAt);

/// <summary>A place of the marketing cap that is used.</summary>
/// <param name="Business">Who used it; missing where that isn't kept any more.</param>
/// <param name="At">When.</param>
/// <param name="Message">For what; missing once a device was handed it: then the place doesn't come free again.</param>
internal sealed record ExportReceipt(string? Business, string At, string? Message);

/// <summary>A key under which a message was sent, so that it isn't sent twice. The key itself is not kept, only a hash.</summary>
/// <param name="Message">The message's id.</param>
/// <param name="At">When it was used.</param>
internal sealed record ExportKey(string Message, string At);

/// <summary>What became of the newest marketing messages, over all businesses: what the daily number of the cap follows.</summary>
/// <param name="Known">Of so many it is known.</param>
/// <param name="Read">So many of these were read.</param>
/// <param name="Open">So many wait.</param>
/// <param name="Waiting">Which ones.</param>
internal sealed record ExportEngagement(int Known, int Read, int Open, IReadOnlyList<ExportWaiting> Waiting);

/// <summary>A marketing message that was delivered and not read so far.</summary>
internal sealed record ExportWaiting(string Message, string DeliveredAt);

/// <summary>A message, whichever way it went.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Direction">to_user or from_user.</param>
/// <param name="Business">The business's id.</param>
/// <param name="BusinessName">Its name.</param>
/// <param name="Number">Id of the business's number.</param>
/// <param name="Template">Id of the template.</param>
/// <param name="Category">service, utility, authentication or marketing.</param>
/// <param name="At">When it was accepted.</param>
/// <param name="Status">accepted, delivered, read, failed or expired; of the user's own message: read where the business has read it.</param>
/// <param name="DeliveredAt">When it was delivered.</param>
/// <param name="ReadAt">When it was read.</param>
/// <param name="Devices">What the user's devices said of it, each for itself.</param>
/// <param name="EndedAt">When it failed or expired.</param>
/// <param name="ExpiresAt">When it expires or would have expired undelivered.</param>
/// <param name="Feedback">What the user said of it.</param>
/// <param name="Content">The message as kept; missing where it isn't kept any more.</param>
/// <param name="CallbackData">What the business noted with it.</param>
/// <param name="Why">Why it was allowed.</param>
internal sealed record ExportMessage(
    string Id,
    string Direction,
    string Business,
    string? BusinessName,
    string Number,
    string? Template,
    string Category,
    string At,
    string Status,
    string? DeliveredAt,
    string? ReadAt,
    IReadOnlyList<MessageDevice>? Devices,
    string? EndedAt,
    string? ExpiresAt,
    string? Feedback,
    JsonElement? Content,
    string? CallbackData,
    WhyShape? Why)
{
    public static ExportMessage From(
        long user, StoredMessage message, string? businessName, ImmutableArray<ConsentEntry> consents, Wamid wamid, PolicyNumbers numbers) => new(
        wamid.Encode(user, message.Number),
        message.Direction == Policy.Users.Direction.ToUser ? "to_user" : "from_user",
        message.Business.ToString(CultureInfo.InvariantCulture),
        businessName,
        message.PhoneNumber.ToString(CultureInfo.InvariantCulture),
        message.Template == 0 ? null : message.Template.ToString(CultureInfo.InvariantCulture),
        Words.Of(message.Category),
        message.At.ToString(),
        Words.Of(message.Status),
        message.DeliveredAt?.ToString(),
        message.ReadAt?.ToString(),
        MessageDevice.Of(message),
        message.EndedAt?.ToString(),
        message.ExpiresAt?.ToString(),
        message.Feedback == Policy.Users.Feedback.None ? null : Words.Of(message.Feedback),
        InboxMessage.Json(message.Content),
        message.CallbackData,
        message.Explanation.IsEmpty ? null : WhyShape.ForUser(message.Explanation, numbers, consents));
}

/// <summary>One entry of the consent log, with its proof.</summary>
/// <param name="Entry">Number of the entry, from 1.</param>
/// <param name="Business">The business's id.</param>
/// <param name="BusinessName">Its name.</param>
/// <param name="Granted">True for an opt-in, false for its withdrawal.</param>
/// <param name="Categories">What it is about.</param>
/// <param name="By">Whose word it is.</param>
/// <param name="Source">Where it was given; only for an opt-in.</param>
/// <param name="Wording">The wording shown.</param>
/// <param name="Evidence">Reference to the evidence.</param>
/// <param name="At">When it was given or withdrawn.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Hash">SHA-256 over the hash of the entry before and this one.</param>
internal sealed record ExportConsent(
    uint Entry,
    string Business,
    string? BusinessName,
    bool Granted,
    IReadOnlyList<string> Categories,
    string By,
    string? Source,
    string? Wording,
    string? Evidence,
    string At,
    string RecordedAt,
    string Hash)
{
    public static ExportConsent From(ConsentProof proof, string? businessName) => new(
        proof.Entry.Number,
        proof.Entry.Business.ToString(CultureInfo.InvariantCulture),
        businessName,
        proof.Entry.Grant,
        Words.Of(proof.Entry.Categories),
        Words.Of(proof.Entry.By),
        proof.Entry.Grant ? Words.Of(proof.Entry.Source) : null,
        proof.Entry.Wording,
        proof.Entry.Evidence,
        proof.Entry.At.ToString(),
        proof.Entry.RecordedAt.ToString(),
        Convert.ToHexStringLower(proof.Hash.AsSpan()));
}

/// <summary>Something that happened, beside what the messages tell: opt-ins, stops, blocks, reports, clicks, preferences, devices, ….</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Business">The business concerned.</param>
/// <param name="BusinessName">Its name.</param>
/// <param name="Message">The message concerned.</param>
/// <param name="Categories">The categories concerned.</param>
/// <param name="Reason">For a block or a report: why.</param>
/// <param name="Feedback">For feedback: which.</param>
/// <param name="Button">For a click: which.</param>
internal sealed record ExportEvent(
    string At,
    string Kind,
    string? Business,
    string? BusinessName,
    string? Message,
    IReadOnlyList<string>? Categories,
    string? Reason,
    string? Feedback,
    int? Button)
{
    public static ExportEvent From(EventLine line, string? businessName, Wamid wamid)
    {
        var e = line.Event;
        return new ExportEvent(
            e.At.ToString(),
            JsonNamingPolicy.SnakeCaseLower.ConvertName(e.Kind.ToString()),
            e.Business == 0 ? null : e.Business.ToString(CultureInfo.InvariantCulture),
            businessName,
            e.Message == 0 ? null : wamid.Encode(line.User, e.Message),
            e.Categories == Policy.Categories.None ? null : Words.Of(e.Categories),
            e.Kind is EventKind.Blocked or EventKind.Reported ? Words.Of((ComplaintReason)e.Detail) : null,
            e.Kind == EventKind.FeedbackGiven ? Words.Of((Feedback)e.Detail) : null,
            e.Kind == EventKind.Clicked ? e.Detail : null);
    }
}
