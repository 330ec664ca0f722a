using Actors.Api.Auth;
using Actors.Api.Graph;
using Actors.Api.Graph.Messages;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Policy.Sends;

namespace Actors.Api.V1;

/// <summary>What a send would hear now.</summary>
/// <param name="Accepted">Whether it would be accepted.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Error">What the Cloud API's envelope would say.</param>
/// <param name="RetryAt">The first instant at which every time-bound rule passes, where waiting helps.</param>
/// <param name="Trace">Every rule in the gate's order, up to the first refusal, with what the business may know; for an operator all of it.</param>
/// <param name="PolicyVersion">Which version of the policy's numbers it was decided by.</param>
internal sealed record DecisionResponse(
    bool Accepted, string? Reason, DecisionError? Error, string? RetryAt, IReadOnlyList<TraceStep> Trace, uint? PolicyVersion);

/// <summary>The Cloud API's error.</summary>
internal sealed record DecisionError(int Code, int Status, string Title, string Details);

/// <summary>One step of a decision.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">pass, refuse or not_applicable.</param>
/// <param name="Reason">Why, where it refused.</param>
/// <param name="RetryAt">The first instant at which this rule would pass, where waiting helps.</param>
/// <param name="Facts">What it used.</param>
internal sealed record TraceStep(string Rule, string Outcome, string? Reason, string? RetryAt, IReadOnlyDictionary<string, string>? Facts)
{
    public static TraceStep From(Finding finding) => new(
        TraceJson.Name(finding.Rule.ToString()),
        TraceJson.Name(finding.Outcome.ToString()),
        finding.Reason is { } reason ? TraceJson.Name(reason.ToString()) : null,
        finding.RetryAt?.ToString(),
        finding.Facts.IsDefaultOrEmpty ? null : finding.Facts.ToDictionary(f => f.Name, f => f.Value));
}

/// <summary>The dry run: decides a send and commits nothing.</summary>
internal static class DecisionsApi
{
    public static void MapDecisions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/numbers/{number}/decisions", DecideAsync).AllowBusiness(Scopes.Send).AllowOperator().LimitManagement()
            .WithTags("Messages").WithName("DecideSend")
            .WithSummary("Decide a send without sending")
            .WithDescription(
                "Takes the body of a send (POST /{number}/messages) and answers what it would hear now, with the trace. Commits nothing and takes no place of "
                + "any limit but this one: dry runs and management calls together, 5,000 an hour per business. An operator "
                + "gets the whole trace: all rules, with all that they looked at.")
            .Accepts<System.Text.Json.JsonElement>("application/json").WithExample(Operations.GraphDescription.SendBody)
            .Produces<DecisionResponse>().ProducesProblems(400, 404, 413, 415, 429);

    private static async Task<IResult> DecideAsync(HttpContext context, long number, Caller caller, Sender sender, Wamids wamids)
    {
        var ids = await wamids.GetAsync();
        var parsed = default(ParsedBody);
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? SendParser.Parse(body.Root, SendEdge.Messages, ids, out parsed)) is { } fault)
            {
                return Fault(fault);
            }
        }

        return parsed.Send is { } send
            ? Answer(send, await sender.SendAsync(caller, number, SendEdge.Messages, send, key: null, dryRun: true), caller.Role == CallerRole.Operator)
            : Problems.Invalid("status", "a dry run decides sends; marking as read is none");
    }

    /// <summary>A fault of the body, as everything under <c>/v1</c> says it.</summary>
    private static Problem Fault(GraphError fault) => fault.Status switch
    {
        413 => Problems.TooLarge(Json.JsonBody.BytesMax),
        415 => Problems.WrongContentType("application/json"),
        _ => Problems.Invalid(fault.Details),
    };

    private static IResult Answer(ParsedSend send, SendResult result, bool whole) => result.End switch
    {
        SendEnd.RefusedHere => Refused(result, whole),
        SendEnd.TokenRevoked => Problems.TokenInvalid,
        SendEnd.NumberUnknown => Refusals.NumberUnknown,
        SendEnd.LeaseUnsettled => Problems.Overloaded,
        SendEnd.NotMarketing => throw new InvalidOperationException("a dry run has no marketing edge"),
        SendEnd.Replied => result.Reply!.Outcome switch
        {
            SendOutcome.WouldAccept => TypedResults.Ok(new DecisionResponse(true, null, null, null, Trace(result, whole), result.DecidedBy)),
            SendOutcome.Refused => Refused(result, whole),
            SendOutcome.AnswersNothing => Fault(send.Answered!.Nothing),
            SendOutcome.Overloaded or SendOutcome.Stale => Problems.Overloaded,
            SendOutcome.Unavailable => Problems.Unavailable,
            SendOutcome.Unknown or SendOutcome.Undecided or SendOutcome.Accepted or SendOutcome.Replayed or SendOutcome.KeyReused =>
                throw new InvalidOperationException("a dry run ended as none can: " + result.Reply.Outcome),
        },
    };

    private static Microsoft.AspNetCore.Http.HttpResults.Ok<DecisionResponse> Refused(SendResult result, bool whole)
    {
        var error = Graph.Messages.Refusals.From(result);
        var trace = Trace(result, whole);
        return TypedResults.Ok(new DecisionResponse(
            false,
            trace.First(s => s.Reason is not null).Reason,   // for a business the public one: a block is told as no relation
            new DecisionError(error.Code, error.Status, error.Title, error.Details),
            error.RetryAt?.ToString(),
            trace,
            result.DecidedBy));
    }

    private static TraceStep[] Trace(SendResult result, bool whole) =>
        [.. (whole ? result.WholeTrace() : result.PublicTrace()).Select(TraceStep.From)];
}
