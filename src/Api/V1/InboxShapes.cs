using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A page of the inbox.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="Next">The cursor for <c>after</c>.</param>
internal sealed record InboxResponse(IReadOnlyList<InboxMessage> Messages, string Next)
{
    /// <summary>Most bytes of a page; a single message may be larger.</summary>
    public const int BytesMax = 1024 * 1024;

    /// <summary>A page of as many of the messages as fit; the next one goes on behind the last of them.</summary>
    /// <param name="after">Where this page began.</param>
    /// <param name="messages">Numbers and messages, ascending.</param>
    public static InboxResponse Of(long after, IEnumerable<(long Number, InboxMessage Message)> messages)
    {
        var page = new List<InboxMessage>();
        var bytes = 0L;
        foreach (var (number, message) in messages)
        {
            bytes += JsonSerializer.SerializeToUtf8Bytes(message, V1Json.Strict.InboxMessage).Length;
            if (bytes > BytesMax && page.Count > 0)
            {
                break;
            }

            page.Add(message);
            after = number;
        }

        return new(page, Cursor.Encode(CursorKind.Inbox, after));
    }
}

/// <summary>A message of a business, as its user sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="From">Who sent it.</param>
/// <param name="At">When it was accepted.</param>
/// <param name="Category">service, utility, authentication or marketing.</param>
/// <param name="Template">Id of the template; missing for a free-form message.</param>
/// <param name="Status">accepted, delivered, read, failed or expired.</param>
/// <param name="DeliveredAt">When it was delivered.</param>
/// <param name="ReadAt">When it was read.</param>
/// <param name="Devices">What the user's devices said of it, each for itself; missing where none said anything. No business hears of it.</param>
/// <param name="Feedback">What the user said of it.</param>
/// <param name="Content">The message in the Cloud API's shape.</param>
/// <param name="Rendered">A template with its parameters filled in; missing for a free-form message.</param>
/// <param name="TakesFeedback">Whether interested and not interested apply: to marketing.</param>
/// <param name="Why">Why it was allowed.</param>
/// <param name="Calls">What the user may do about it and its sender.</param>
internal sealed record InboxMessage(
    string Id,
    InboxSender From,
    string At,
    string Category,
    string? Template,
    string Status,
    string? DeliveredAt,
    string? ReadAt,
    IReadOnlyList<MessageDevice>? Devices,
    string? Feedback,
    JsonElement? Content,
    RenderedShape? Rendered,
    bool TakesFeedback,
    WhyShape? Why,
    InboxCalls Calls)
{
    /// <param name="user">The user.</param>
    /// <param name="message">The message.</param>
    /// <param name="business">Who sent it; null where it isn't known any more.</param>
    /// <param name="rendered">Its template with the parameters filled in; null for none.</param>
    /// <param name="consents">The entries of the user's consent log that it may rest on.</param>
    /// <param name="wamid">Encodes its id.</param>
    /// <param name="numbers">The policy's numbers.</param>
    public static InboxMessage Render(
        long user,
        StoredMessage message,
        BusinessView? business,
        RenderedShape? rendered,
        ImmutableArray<ConsentEntry> consents,
        Wamid wamid,
        PolicyNumbers numbers)
    {
        var id = wamid.Encode(user, message.Number);
        return new InboxMessage(
            id,
            new InboxSender(
                "business",
                Text(message.Business),
                business?.Registration.Name,
                business?.Verification == Verification.Verified,
                business?.Official == true,
                Text(message.PhoneNumber),
                business?.Registration.Numbers.Where(n => n.Id == message.PhoneNumber).Select(n => FictionalNumbers.Display(n.PhoneNumber)).FirstOrDefault()),
            message.At.ToString(),
            Words.Of(message.Category),
            message.Template == 0 ? null : Text(message.Template),
            Words.Of(message.Status),
            message.DeliveredAt?.ToString(),
            message.ReadAt?.ToString(),
            MessageDevice.Of(message),
            message.Feedback == Policy.Users.Feedback.None ? null : Words.Of(message.Feedback),
            Json(message.Content),
            rendered,
            message.Category == Policy.Category.Marketing,
            WhyShape.ForUser(message.Explanation, numbers, consents),
            InboxCalls.For(user, message, id, hasButtons: rendered is { Buttons.Count: > 0 } || IsInteractive(message.Content)));
    }

    /// <summary>Stored JSON; null where nothing is stored any more.</summary>
    public static JsonElement? Json(ReadOnlyMemory<byte> content) => content.IsEmpty ? null : JsonElement.Parse(content.Span);

    private static bool IsInteractive(ReadOnlyMemory<byte> content) =>
        Json(content) is { } sent && sent.TryGetProperty("type", out var type) && type.GetString() == "interactive";

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What one of the user's devices said of a message.</summary>
/// <param name="Device">Its name; it may have been removed since.</param>
/// <param name="DeliveredAt">When it said first that it has the message.</param>
/// <param name="ReadAt">When it said first that the message was read on it; missing while it didn't.</param>
internal sealed record MessageDevice(string Device, string DeliveredAt, string? ReadAt)
{
    /// <summary>All of them, by name; null for none.</summary>
    public static IReadOnlyList<MessageDevice>? Of(StoredMessage message) => message.Devices.IsEmpty
        ? null
        : [.. message.Devices.Select(mark => new MessageDevice(mark.Device, mark.DeliveredAt.ToString(), mark.ReadAt?.ToString()))];
}

/// <summary>Who sent a message.</summary>
/// <param name="Kind">business: no person wrote it.</param>
/// <param name="Business">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Verified">Whether the platform verified it.</param>
/// <param name="Official">Whether it bears the official badge.</param>
/// <param name="Number">Id of the number.</param>
/// <param name="DisplayPhoneNumber">The number itself.</param>
internal sealed record InboxSender(
    string Kind, string Business, string? Name, bool Verified, bool Official, string Number, string? DisplayPhoneNumber);

/// <summary>Calls of this API by which the user acts on a message: method and path.</summary>
/// <param name="Status">Tells that it was delivered or read.</param>
/// <param name="Feedback">Says interested or not interested; missing where that doesn't apply.</param>
/// <param name="Click">Tells that a button was used; missing where there is none.</param>
/// <param name="Reply">Answers it, with its id as <c>context</c>.</param>
/// <param name="Stop">Ends the business's marketing.</param>
/// <param name="OptOut">Takes all consent of the business back.</param>
/// <param name="Block">Blocks the business.</param>
/// <param name="Report">Reports it.</param>
internal sealed record InboxCalls(
    string Status, string? Feedback, string? Click, string Reply, string Stop, string OptOut, string Block, string Report)
{
    public static InboxCalls For(long user, StoredMessage message, string id, bool hasButtons)
    {
        var ofUser = string.Create(CultureInfo.InvariantCulture, $"/v1/users/{user}");
        var ofBusiness = string.Create(CultureInfo.InvariantCulture, $"{ofUser}/businesses/{message.Business}");
        return new(
            $"POST {ofUser}/messages/{id}/status",
            message.Category == Category.Marketing ? $"PUT {ofUser}/messages/{id}/feedback" : null,
            hasButtons ? $"POST {ofUser}/messages/{id}/clicks" : null,
            $"POST {ofUser}/messages",
            $"PUT {ofBusiness}/marketing-stop",
            $"DELETE {ofBusiness}/opt-in",
            $"PUT {ofBusiness}/block",
            $"POST {ofBusiness}/reports");
    }
}

/// <summary>A status of a message, on a stream.</summary>
/// <param name="Id">The message's id.</param>
/// <param name="Status">delivered, read, failed or expired. A message that has failed or expired is to be taken back.</param>
/// <param name="At">When it came to it.</param>
internal sealed record InboxStatus(string Id, string Status, string At);
