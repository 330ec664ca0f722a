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
/// <param name="Feedback">What the user said of it.</param>
/// <param name="Content">The message in the Cloud API's shape.</param>
/// <param name="Rendered">A template with its parameters filled in; missing for a free-form message.</param>
/// <param name="Why">Why it was allowed.</param>
internal sealed record InboxMessage(
    string Id,
    InboxSender From,
    string At,
    string Category,
    string? Template,
    string Status,
    string? DeliveredAt,
    string? ReadAt,
    string? Feedback,
    JsonElement? Content,
    RenderedShape? Rendered,
    WhyShape? Why)
{
    public static InboxMessage Render(
        long user, StoredMessage message, BusinessView? business, RenderedShape? rendered, Wamid wamid, PolicyNumbers numbers) => new(
        wamid.Encode(user, message.Number),
        new InboxSender(
            Text(message.Business),
            business?.Registration.Name,
            business?.Verification == Verification.Verified,
            Text(message.PhoneNumber),
            business?.Registration.Numbers.Where(n => n.Id == message.PhoneNumber).Select(n => FictionalNumbers.Display(n.PhoneNumber)).FirstOrDefault()),
        message.At.ToString(),
        Words.Of(message.Category),
        message.Template == 0 ? null : Text(message.Template),
        Words.Of(message.Status),
        message.DeliveredAt?.ToString(),
        message.ReadAt?.ToString(),
        message.Feedback == Policy.Users.Feedback.None ? null : Words.Of(message.Feedback),
        Json(message.Content),
        rendered,
        WhyShape.ForUser(message.Explanation, numbers));

    /// <summary>Stored JSON; null where nothing is stored any more.</summary>
    public static JsonElement? Json(ReadOnlyMemory<byte> content) => content.IsEmpty ? null : JsonElement.Parse(content.Span);

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Who sent a message.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Verified">Whether the platform verified it.</param>
/// <param name="Number">Id of the number.</param>
/// <param name="DisplayPhoneNumber">The number itself.</param>
internal sealed record InboxSender(string Business, string? Name, bool Verified, string Number, string? DisplayPhoneNumber);
