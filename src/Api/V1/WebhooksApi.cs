using System.Collections.Immutable;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy.Webhooks;

namespace Actors.Api.V1;

/// <summary>A business's webhooks: who is told, how far that is, and what is parked.</summary>
internal static class WebhooksApi
{
    public const int SecretMin = 16, SecretMax = 128, VerifyTokenMax = 256;
    public const string SecretRule = "it must have 16 to 128 characters, all of them visible ASCII";

    private const int RotationHoursMax = 168, RotationHours = 24;

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/businesses/{business}/webhooks").WithTags("Webhooks");

        group.MapGet("", ListAsync).AllowBusiness(Scopes.Read).AllowOperator().WithName("ListWebhooks")
            .WithSummary("The webhooks of the business, and how far each field is: what waits, since when, how the last try ended, when the next one is")
            .Produces<WebhooksResponse>();
        group.MapPost("", SubscribeAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("AddWebhook")
            .WithSummary("Add a webhook, or change the one of the same address")
            .WithDescription(
                "The receiver is asked first: GET with hub.mode=subscribe, hub.challenge and hub.verify_token, and must answer with the bare challenge. "
                + "A secret that is made here is shown once.")
            .Accepts<WebhookBodyRequest>("application/json")
            .WithExample("""{"callback_uri":"https://shop.example/hooks","verify_token":"a word of yours","fields":["messages","account_update"]}""")
            .Produces<WebhookMadeResponse>(201).ProducesProblems(400, 404, 409, 422, 429);
        group.MapDelete("/{webhook:int}", RemoveAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("RemoveWebhook")
            .WithSummary("Remove a webhook, with all that it hasn't delivered").Produces(204).ProducesProblems(404, 429);
        group.MapPost("/{webhook:int}/pause", PauseAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("PauseWebhook")
            .WithSummary("Deliver nothing until it is resumed; what happens meanwhile waits in the ledger").Produces(204).ProducesProblems(404, 429);
        group.MapPost("/{webhook:int}/resume", ResumeAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("ResumeWebhook")
            .WithSummary("Go on delivering, at once: also where only the next try is waited for").Produces(204).ProducesProblems(404, 429);
        group.MapPost("/{webhook:int}/secret", RotateAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("RotateWebhookSecret")
            .WithSummary("Give it another secret")
            .WithDescription(
                "For some hours (24 unless said otherwise, 0 to 168) both are good: X-Hub-Signature-256 stays with the old one, X-Actors-Signature-256 carries "
                + "both. After it, or when the rotation is finished by call, the new one counts. A secret that is made here is shown once.")
            .Accepts<SecretRequest>("application/json").WithExample("""{"hours":24}""")
            .Produces<SecretResponse>().ProducesProblems(400, 404, 409, 429);
        group.MapPost("/{webhook:int}/secret/finish", FinishAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("FinishWebhookRotation")
            .WithSummary("From now on the new secret is the only one").Produces(204).ProducesProblems(404, 429);
        group.MapGet("/{webhook:int}/parked", ParkedAsync).AllowBusiness(Scopes.Read).AllowOperator().WithName("ListParkedDeliveries")
            .WithSummary("Deliveries that are no longer tried, so that the rest can go on").TakesPage()
            .Produces<ParkedResponse>().ProducesProblems(400, 404);
        group.MapPost("/{webhook:int}/parked/{sequence:long}", RedriveAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("RedriveDelivery")
            .WithSummary("Try a parked delivery once more, now, with its number").Produces<RedriveResponse>().ProducesProblems(404, 429);
    }

    /// <summary>Whether a text can be a secret.</summary>
    public static bool IsSecret(string text) => text.Length is >= SecretMin and <= SecretMax && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static async Task<IResult> ListAsync(long business, IGrainFactory grains) =>
        TypedResults.Ok(new WebhooksResponse([.. (await Of(grains, business).ListAsync()).Select(WebhookShape.From)]));

    private static async Task<IResult> SubscribeAsync(HttpContext context, long business, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.WebhookBodyRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Text("callback_uri", request.CallbackUri, 2_048);
        checks.Text("verify_token", request.VerifyToken, VerifyTokenMax);
        checks.Range("max_updates", request.MaxUpdates ?? 1, 1, DeliveryRules.UpdatesMax);
        CheckSecret(checks, request.Secret);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var wanted = new WebhookRequest(
            request.CallbackUri,
            new WebhookSecret(request.VerifyToken),
            request.Fields?.ToImmutableArray() ?? [],
            SecretOf(request.Secret),
            request.MaxUpdates);
        var reply = await Of(grains, business).SubscribeAsync(wanted, caller.Actor);
        return reply.Refusal is { } refusal
            ? Refused(refusal, reply.Rule)
            : TypedResults.Json(new WebhookMadeResponse(WebhookShape.From(reply.Webhook!), reply.Secret?.Text), statusCode: 201);
    }

    private static async Task<IResult> RemoveAsync(long business, int webhook, Caller caller, IGrainFactory grains) =>
        Done(await Of(grains, business).RemoveAsync(webhook, caller.Actor));

    private static async Task<IResult> PauseAsync(long business, int webhook, Caller caller, IGrainFactory grains) =>
        Done(await Of(grains, business).PauseAsync(webhook, paused: true, caller.Actor));

    private static async Task<IResult> ResumeAsync(long business, int webhook, Caller caller, IGrainFactory grains) =>
        Done(await Of(grains, business).PauseAsync(webhook, paused: false, caller.Actor));

    private static async Task<IResult> RotateAsync(HttpContext context, long business, int webhook, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.SecretRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var hours = request.Hours ?? RotationHours;
        checks.Range("hours", hours, 0, RotationHoursMax);
        CheckSecret(checks, request.Secret);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return await Of(grains, business).RotateAsync(webhook, SecretOf(request.Secret), hours * 3_600, caller.Actor) switch
        {
            null => Unknown,
            { IsUnderWay: true } other => new Problem(
                409, "rotation_under_way", $"Two secrets are good until {other.EndsAt}; finish that rotation first, or give hours 0 for the new one alone."),
            { } reply => TypedResults.Ok(new SecretResponse(reply.Secret?.Text, reply.EndsAt?.ToString())),
        };
    }

    private static async Task<IResult> FinishAsync(long business, int webhook, Caller caller, IGrainFactory grains) =>
        Done(await Of(grains, business).FinishRotationAsync(webhook, caller.Actor));

    private static async Task<IResult> ParkedAsync(HttpRequest request, long business, int webhook, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Parked, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return await Of(grains, business).ParkedAsync(webhook, page.After ?? 0, page.Limit) is { } parked
            ? TypedResults.Ok(new ParkedResponse(
                [.. parked.Select(ParkedShape.From)],
                parked.Length < page.Limit ? null : Cursor.Encode(CursorKind.Parked, parked[^1].Sequence)))
            : Unknown;
    }

    private static async Task<IResult> RedriveAsync(long business, int webhook, long sequence, IGrainFactory grains) =>
        await Of(grains, business).RedriveAsync(webhook, sequence) is { } result
            ? TypedResults.Ok(new RedriveResponse(result.Outcome == AttemptOutcome.Delivered, AttemptShape.From(result)))
            : new Problem(404, "delivery_unknown", "There is no such webhook, or nothing of this number is parked.");

    private static WebhookSecret? SecretOf(string? text) => text is null ? null : new WebhookSecret(text);

    private static void CheckSecret(Checks checks, string? secret)
    {
        if (secret is not null && !IsSecret(secret))
        {
            checks.Add("secret", SecretRule);
        }
    }

    private static IResult Done(bool isThere) => isThere ? TypedResults.NoContent() : Unknown;

    private static Problem Unknown { get; } = new(404, "webhook_unknown", "There is no such webhook.");

    private static Problem Refused(SubscribeRefusal refusal, string rule) => refusal switch
    {
        SubscribeRefusal.BusinessUnknown => Refusals.BusinessUnknown,
        SubscribeRefusal.WrongAddress => Problems.Invalid("callback_uri", rule),
        SubscribeRefusal.WrongField => Problems.Invalid("fields", rule),
        SubscribeRefusal.TooMany => new(409, "too_many_webhooks", $"Remove one first: {rule}."),
        SubscribeRefusal.NotVerified => new(422, "webhook_not_verified", $"callback_uri: {rule}."),
        SubscribeRefusal.Undecided => throw new InvalidOperationException("A webhook was refused without a reason."),
    };

    private static IWebhooksGrain Of(IGrainFactory grains, long business) => grains.GetGrain<IWebhooksGrain>(business);
}
