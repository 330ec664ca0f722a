using System.Collections.Immutable;
using Actors.Api.Auth;
using Actors.Api.Inbox;
using Actors.Api.Json;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy.Sends;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A user's message that was taken.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Window">The customer-service window after it.</param>
internal sealed record WrittenResponse(string Id, WindowShape Window);

/// <summary>The user writes, reads, clicks and says what they think of it.</summary>
internal static class UserMessagesApi
{
    public static void MapUserMessages(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/users/{user}").WithTags("User messages");

        group.MapPost("/messages", WriteAsync).AllowUser().WithName("WriteMessage")
            .WithSummary("Write to a business's number: opens the window")
            .WithDescription(
                "Also a button or list reply, with context. A message that is a STOP or START word, whole, stops or resumes the business's marketing and opens "
                + "no window. The same client_id and message again give the same id with 200 and Idempotent-Replayed: true.")
            .Accepts<InboundRequest>("application/json")
            .WithExample("""{"to":"+999 000 000 001 000","type":"text","text":{"body":"Hello"},"client_id":"7f3a"}""")
            .Produces<WrittenResponse>(201).Produces<WrittenResponse>()
            .ProducesProblems(400, 404, 409, 422);
        group.MapGet("/inbox", InboxAsync).AllowUser().WithName("GetInbox")
            .WithSummary("Messages of businesses to the user, oldest first, and why each was allowed")
            .WithDescription(
                "Reading doesn't mark them: post their status. A page has at most 1 MiB, whatever the limit, and the next one goes on behind its last message: "
                + "the place is the device's own to keep, and without after it begins with the oldest that is kept. A device that is named must be registered. "
                + "With Accept: text/event-stream the answer is a live stream of server-sent events: message (as in a page) and status (id, status, at: how "
                + "far a message has come, on whatever device). It resumes behind the Last-Event-ID that is sent, or behind after; what was sent last may "
                + "come twice. In quiet hours marketing waits for their end. It ends with the token, with its device, and when the node stops: come again.")
            .TakesPage("device").Produces<InboxResponse>().Produces(200, null, "text/event-stream").ProducesProblems(400, 404, 429);
        group.MapPost("/messages/{message}/status", AdvanceAsync).AllowUser().WithName("SetMessageStatus")
            .WithSummary("Mark a message as delivered or read")
            .WithDescription(
                "What comes late (delivered after read) changes nothing and is no error. A registered device that names itself says that it has everything "
                + "up to this message; what each device said of a message, the inbox shows.")
            .Accepts<StatusRequest>("application/json").WithExample("""{"status":"read"}""")
            .Produces<ActionResponse>().ProducesProblems(400, 404, 409);
        group.MapPost("/messages/{message}/clicks", ClickAsync).AllowUser().WithName("ClickButton")
            .WithSummary("Report a click on a button of a message")
            .WithDescription("Not for quick replies: a message of type button, with its context, is the click.")
            .Accepts<ClickRequest>("application/json").WithExample("""{"button":0}""")
            .Produces<ActionResponse>().ProducesProblems(400, 404, 409);
        group.MapPut("/messages/{message}/feedback", GiveFeedbackAsync).AllowUser().WithName("GiveFeedback")
            .WithSummary("Say that a marketing message was of interest, or wasn't")
            .Accepts<FeedbackRequest>("application/json").WithExample("""{"value":"interested"}""")
            .Produces<ActionResponse>().ProducesProblems(400, 404, 409);
    }

    private static async Task<IResult> WriteAsync(
        HttpContext context, RouteUser user, IGrainFactory grains, UserGrains users, LeaseCache leases, Wamids wamids)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.InboundRequest);
        if (request is null)
        {
            return problem!;
        }

        var wamid = await wamids.GetAsync();
        var checks = new Checks();
        var answers = new List<long>();
        var message = InboundMessage.From(request, IsMine, checks);
        var isNumber = TryNumber(request.To, out var phoneNumber);
        if (!isNumber)
        {
            checks.Add("to", "it must be the id of a number, or the number itself");
        }

        if (!isNumber || message is null)
        {
            return Refusals.Of(checks);
        }

        var business = Ids.BusinessOf(phoneNumber);
        if (await leases.GetAsync(business) is not { } lease || !lease.TryGetNumber(phoneNumber, out _))
        {
            return Refusals.NumberUnknown;
        }

        var command = new InboundCommand
        {
            Business = business,
            PhoneNumber = phoneNumber,
            Text = message.Text,
            IsReaction = message.IsReaction,
            Answers = [.. answers],
            Button = request.Button is { Text: var label } && answers is [var pressed] ? await ButtonAsync(grains, users, user.Value, pressed, label) : null,
            Content = message.Content,
            Key = request.ClientId is { } clientId ? InboundMessage.KeyOf(business, clientId) : null,
            Body = message.BodyFor(phoneNumber),
        };
        var reply = await (command.Key is null
            ? users.OnceAsync(user.Value, u => u.WriteAsync(command))
            : users.KeyedAsync(user.Value, u => u.WriteAsync(command)));
        if (reply.Refusal is ActionRefusal.MessageUnknown or ActionRefusal.MessageMismatch)
        {
            checks.Add(message.IsReaction ? "reaction.message_id" : "context.message_id", InboundMessage.AnswerRule);
            return Refusals.Of(checks);
        }

        if (reply.Refusal is { } refusal)
        {
            return Refusals.Of(refusal, CallerRole.User);
        }

        if (reply.Replayed)
        {
            context.Response.Headers["Idempotent-Replayed"] = "true";
        }

        var window = new WindowShape(reply.WindowUntil is not null, reply.WindowUntil?.ToString());
        var written = new WrittenResponse(wamid.Encode(user.Value, reply.Message), window);
        return TypedResults.Json(written, statusCode: reply.Replayed ? 200 : 201);

        bool IsMine(string id)
        {
            var isMine = wamid.TryDecode(id, out var of, out var number) && of == user.Value;
            if (isMine)
            {
                answers.Add(number);
            }

            return isMine;
        }
    }

    /// <summary>Which quick reply of the template that a message was sent with has a label; null where none has.</summary>
    private static async ValueTask<byte?> ButtonAsync(IGrainFactory grains, UserGrains users, long user, long message, string label)
    {
        // By the template's id: the message's content may be gone, since it was read.
        if (await users.IdempotentAsync(user, u => u.MessageAsync(message)) is not { Template: not 0 } sent
            || await grains.GetGrain<ILedgerGrain>(0).TemplateAsync(sent.Template) is not { } line)
        {
            return null;
        }

        var versions = await grains.GetGrain<ITemplateGrain>(sent.Business, line.Name, null).VersionsAsync();
        var buttons = TemplateVersion.At(versions, sent.Template, sent.At)?.Buttons ?? [];
        for (byte index = 0; index < buttons.Length; index++)
        {
            if (buttons[index] is { Type: ButtonType.QuickReply } button && button.Text == label)
            {
                return index;
            }
        }

        return null;
    }

    private static async Task<IResult> InboxAsync(
        HttpRequest request,
        RouteUser user,
        IGrainFactory grains,
        UserGrains users,
        LeaseCache leases,
        Wamids wamids,
        PolicyBook policy,
        StreamDoor streams)
    {
        if (request.Headers.Accept.Any(a => a?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true))
        {
            return await streams.OpenAsync(request.HttpContext, user.Value);
        }

        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Inbox, checks, "device");
        string? device = request.Query["device"];
        checks.Device("device", device);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (device is not null && !await users.ReadAsync(user.Value, u => u.HasDeviceAsync(device)))
        {
            return Refusals.Of(ActionRefusal.DeviceUnknown, CallerRole.User);
        }

        var after = page.After ?? 0;
        var messages = await users.ReadAsync(user.Value, u => u.InboxAsync(after, page.Limit));
        var businesses = await UsersApi.FindAsync(leases, [.. messages.Select(m => m.Business)]);
        var rendered = await RenderedTemplates.FindAsync(grains, messages);
        var consents = await ConsentsAsync(messages, grains.GetGrain<IInboxGrain>(0), user.Value);
        var wamid = await wamids.GetAsync();
        return TypedResults.Ok(InboxResponse.Of(after, messages.Select(m => (m.Number, InboxMessage.Render(
            user.Value, m, businesses.GetValueOrDefault(m.Business), rendered.GetValueOrDefault(m.Number), consents, wamid, policy.Current)))));
    }

    /// <summary>What the messages rest on, with the wording shown then.</summary>
    public static async ValueTask<ImmutableArray<ConsentEntry>> ConsentsAsync(ImmutableArray<StoredMessage> messages, IInboxGrain inbox, long user)
    {
        ImmutableArray<uint> entries =
            [.. messages.Select(m => AcceptanceExplanation.Read(m.Explanation.Span)?.ConsentEntry).OfType<uint>().Distinct()];
        return entries.IsEmpty ? [] : [.. (await inbox.ConsentsAsync(user, entries)).Select(line => line.Entry)];
    }

    private static async Task<IResult> AdvanceAsync(HttpContext context, RouteUser user, string message, UserGrains users, Wamids wamids)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.StatusRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Device("device", request.Device);
        var to = StatusOf(request.Status, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (await NumberOfAsync(wamids, user, message) is not { } number)
        {
            return Refusals.MessageUnknown;
        }

        return Refusals.Answer(await users.IdempotentAsync(user.Value, u => u.AdvanceAsync(number, to!.Value, request.Device)), CallerRole.User);
    }

    /// <summary>What a device may say of a message.</summary>
    public static MessageStatus? StatusOf(string word, Checks checks)
    {
        MessageStatus? to = word switch { "delivered" => MessageStatus.Delivered, "read" => MessageStatus.Read, _ => null };
        if (to is null)
        {
            checks.Add("status", "it must be one of delivered, read");
        }

        return to;
    }

    private static async Task<IResult> ClickAsync(HttpContext context, RouteUser user, string message, UserGrains users, Wamids wamids)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.ClickRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Range("button", request.Button, 0, 9);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return await NumberOfAsync(wamids, user, message) is { } number
            ? Refusals.Answer(await users.OnceAsync(user.Value, u => u.ClickAsync(number, (byte)request.Button)), CallerRole.User)
            : Refusals.MessageUnknown;
    }

    private static async Task<IResult> GiveFeedbackAsync(HttpContext context, RouteUser user, string message, UserGrains users, Wamids wamids)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.FeedbackRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var value = checks.Word<Feedback>("value", request.Value);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return await NumberOfAsync(wamids, user, message) is { } number
            ? Refusals.Answer(await users.WordAsync(user.Value, u => u.GiveFeedbackAsync(number, value)), CallerRole.User)
            : Refusals.MessageUnknown;
    }

    /// <summary>The number, within this user, of the message that an id names; null when it is none of theirs.</summary>
    private static async ValueTask<long?> NumberOfAsync(Wamids wamids, RouteUser user, string message) =>
        (await wamids.GetAsync()).TryDecode(message, out var of, out var number) && of == user.Value ? number : null;

    /// <summary>A number by its id, or by itself: ours lead back to their ids.</summary>
    private static bool TryNumber(string to, out long id) =>
        Checks.TryId(to, IdKind.PhoneNumber, out id) || (PhoneDigits.TryParse(to, out var number) && FictionalNumbers.TryIdOf(number, out id));
}
