using System.Collections.Immutable;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>What a device says of many messages.</summary>
/// <param name="Status">delivered or read.</param>
/// <param name="Messages">Ids of 1 to 1,000 messages; instead of up_to.</param>
/// <param name="UpTo">Id of a message: it and all before it; instead of messages.</param>
/// <param name="Device">The device that says it, and that it has everything up to the newest of them.</param>
internal sealed record StatusesRequest(string Status, IReadOnlyList<string>? Messages = null, string? UpTo = null, string? Device = null);

/// <summary>What became of the messages.</summary>
/// <param name="Results">The named messages in their order; with up_to those that were to be moved, oldest first.</param>
/// <param name="More">With up_to: whether some are left. Say it again.</param>
internal sealed record StatusesResponse(IReadOnlyList<StatusResult> Results, bool More);

/// <summary>What became of one message.</summary>
/// <param name="Message">Its id.</param>
/// <param name="Changed">False when it already was so, or where it is refused.</param>
/// <param name="Error">Why it is refused: message_unknown, message_mismatch or status_backwards.</param>
internal sealed record StatusResult(string Message, bool Changed, string? Error);

/// <summary>Devices acknowledge many messages in one call.</summary>
internal static class AcknowledgementsApi
{
    private static readonly string MessagesRule = $"it must name 1 to {Acknowledgements.Max} messages";

    public static void MapAcknowledgements(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/users/{user}/messages/status", SetAsync).AllowUser().WithTags("User messages").WithName("SetMessageStatuses")
            .WithSummary("Mark many messages as delivered or read")
            .WithDescription(
                "All in one commit: either the messages that are named, or all up to one, at most 1,000 of them, the oldest first. Each is answered for "
                + "itself. A registered device that names itself says that it has everything up to the newest of them: once all of a user's devices have said "
                + "so of a message that was read, its content is dropped. Marketing that is held back from devices (quiet hours) is not meant by up_to.")
            .Accepts<StatusesRequest>("application/json").WithExample("""{"status":"delivered","up_to":"wamid.HBgL","device":"phone"}""")
            .Produces<StatusesResponse>().ProducesProblems(400, 404);

    private static async Task<IResult> SetAsync(HttpContext context, RouteUser user, UserGrains users, Wamids wamids)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.StatusesRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Device("device", request.Device);
        var to = UserMessagesApi.StatusOf(request.Status, checks);
        if (request.Messages is null == request.UpTo is null)
        {
            checks.Add("messages", "there must be either messages or up_to");
        }
        else if (request.Messages is { Count: 0 or > Acknowledgements.Max })
        {
            checks.Add("messages", MessagesRule);
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var wamid = await wamids.GetAsync();
        if (request.UpTo is { } newest)
        {
            if (!wamid.TryDecode(newest, out var of, out var upTo) || of != user.Value)
            {
                return Refusals.MessageUnknown;
            }

            var all = await AcknowledgeAsync([], upTo);
            return TypedResults.Ok(new StatusesResponse([.. all.Messages.Select(m => Result(wamid.Encode(user.Value, m.Message), m))], all.IsMore));
        }

        long?[] numbers = [.. request.Messages!.Select(id => wamid.TryDecode(id, out var of, out var number) && of == user.Value ? number : (long?)null)];
        ImmutableArray<long> known = [.. numbers.OfType<long>()];
        var named = known.IsEmpty ? [] : (await AcknowledgeAsync(known, 0)).Messages;
        var next = 0;
        return TypedResults.Ok(new StatusesResponse(
            [.. request.Messages!.Select((id, i) => Result(id, numbers[i] is null ? Unknown : named[next++]))], More: false));

        Task<AcknowledgementReply> AcknowledgeAsync(ImmutableArray<long> messages, long upTo) =>
            users.IdempotentAsync(user.Value, u => u.AcknowledgeAsync(to!.Value, request.Device, messages, upTo));
    }

    private static AcknowledgedMessage Unknown { get; } = new(0, ActionRefusal.MessageUnknown, Changed: false);

    private static StatusResult Result(string id, AcknowledgedMessage said) =>
        new(id, said.Changed, said.Refusal is { } refusal ? Refusals.Of(refusal, CallerRole.User).Code : null);
}
