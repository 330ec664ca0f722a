using System.Globalization;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A message of or to a business's number.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Direction">out for a send, in for a message of the user.</param>
/// <param name="Number">Id of the number.</param>
/// <param name="User">The user's wa_id.</param>
/// <param name="Category">For a send: service, utility, authentication or marketing.</param>
/// <param name="Template">Id of the template; missing for a free-form message.</param>
/// <param name="Status">For a send: accepted, delivered, read, failed or expired.</param>
/// <param name="Timeline">What happened to it, oldest first.</param>
/// <param name="Why">For a send: why it was accepted.</param>
/// <param name="BizOpaqueCallbackData">The sender's opaque data.</param>
/// <param name="Content">The message in the Cloud API's shape; missing once it is no longer kept.</param>
internal sealed record MessageResponse(
    string Id,
    string Direction,
    string Number,
    string User,
    string? Category,
    string? Template,
    string? Status,
    IReadOnlyList<TimelineEntry> Timeline,
    WhyShape? Why,
    string? BizOpaqueCallbackData,
    JsonElement? Content);

/// <summary>One thing that happened to a message.</summary>
/// <param name="Status">accepted, delivered, read, failed or expired; received for a message of the user.</param>
/// <param name="At">When.</param>
internal sealed record TimelineEntry(string Status, string At);

/// <summary>A business looks at one of its messages.</summary>
internal static class MessagesApi
{
    public static void MapMessages(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/numbers/{number}/messages/{message}", GetAsync).AllowBusiness(Scopes.Read).AllowOperator()
            .WithTags("Messages").WithName("GetMessage")
            .WithSummary("A message's timeline, and why it was accepted")
            .WithDescription("An operator sees all of why it was accepted, and neither its content nor the sender's callback data.")
            .Produces<MessageResponse>().ProducesProblems(404);

    private static async Task<IResult> GetAsync(
        long number, string message, Caller caller, IGrainFactory grains, Wamids wamids, PolicyBook policy)
    {
        if (!(await wamids.GetAsync()).TryDecode(message, out var user, out var index)
            || await grains.GetGrain<IUserGrain>(user).MessageAsync(index) is not { } stored
            || stored.PhoneNumber != number)
        {
            return Refusals.MessageUnknown;
        }

        var rendered = Render(message, user, stored, policy.Current);
        return TypedResults.Ok(caller.Role != CallerRole.Operator ? rendered : rendered with
        {
            Why = WhyShape.ForOperator(stored.Explanation, policy.Current),
            Content = null,
            BizOpaqueCallbackData = null,
        });
    }

    /// <summary>The message as its business sees it: what the user said of it stays with the user.</summary>
    public static MessageResponse Render(string id, long user, StoredMessage message, PolicyNumbers numbers)
    {
        var isSend = message.Direction == Direction.ToUser;
        return new MessageResponse(
            id,
            isSend ? "out" : "in",
            message.PhoneNumber.ToString(CultureInfo.InvariantCulture),
            user.ToString(CultureInfo.InvariantCulture),
            isSend ? Words.Of(message.Category) : null,
            message.Template == 0 ? null : message.Template.ToString(CultureInfo.InvariantCulture),
            isSend ? Words.Of(message.Status) : null,
            Timeline(message),
            WhyShape.ForBusiness(message.Explanation, numbers),
            message.CallbackData,
            InboxMessage.Json(message.Content));
    }

    private static List<TimelineEntry> Timeline(StoredMessage message)
    {
        List<TimelineEntry> timeline = [new(message.Direction == Direction.ToUser ? "accepted" : "received", message.At.ToString())];
        if (message.DeliveredAt is { } deliveredAt)
        {
            timeline.Add(new(Words.Of(MessageStatus.Delivered), deliveredAt.ToString()));
        }

        if (message.ReadAt is { } readAt)
        {
            timeline.Add(new(Words.Of(MessageStatus.Read), readAt.ToString()));
        }

        if (message.EndedAt is { } endedAt)
        {
            timeline.Add(new(Words.Of(message.Status), endedAt.ToString()));
        }

        return timeline;
    }
}
