using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using Actors.Api.Auth;
using Actors.Api.Leases;
using Actors.Api.Operations;
using Actors.Api.Sends;
using Actors.Contracts;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Api.Graph.Messages;

/// <summary><c>/messages</c> and <c>/marketing_messages</c>: the hot path of the whole platform.</summary>
internal sealed class MessagesEdge(
    Sender sender, Wamids wamids, LeaseCache leases, UserGrains users, SendMetrics metrics, HotBusinesses hot, RefusalCounts refusals,
    TimeProvider time)
{
    private static readonly byte[] Success = "{\"success\":true}"u8.ToArray();

    /// <summary>Takes one body of <c>/messages</c>.</summary>
    public ValueTask<GraphError?> SendAsync(HttpContext context, long number) => TakeAsync(context, number, SendEdge.Messages);

    /// <summary>Takes one body of <c>/marketing_messages</c>.</summary>
    public ValueTask<GraphError?> SendMarketingAsync(HttpContext context, long number) => TakeAsync(context, number, SendEdge.MarketingMessages);

    private async ValueTask<GraphError?> TakeAsync(HttpContext context, long number, SendEdge edge)
    {
        var ids = await wamids.GetAsync();
        var parsed = default(ParsedBody);
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? SendParser.Parse(body.Root, edge, ids, out parsed)) is { } fault)
            {
                return fault;
            }
        }

        var caller = context.Features.GetRequiredFeature<Caller>();
        return parsed switch
        {
            { Send: { } send } => await SendAsync(context, caller, number, edge, send, ids),
            { Read: { } read } => await ReadAsync(context, caller, number, read),
            _ => GraphError.Internal,
        };
    }

    private async ValueTask<GraphError?> SendAsync(HttpContext context, Caller caller, long number, SendEdge edge, ParsedSend send, Wamid ids)
    {
        ulong? key = null;
        var keyHeader = context.Request.Headers["Idempotency-Key"];
        if (keyHeader.Count > 0)
        {
            if (keyHeader is not [{ Length: >= 1 and <= SendKeys.KeyCharactersMax } text])
            {
                return GraphError.Invalid("Idempotency-Key: it must be one value of 1 to 255 characters");
            }

            key = SendKeys.Key(caller.Id, text);
        }

        var result = await sender.SendAsync(caller, number, edge, send, key, dryRun: false);
        var outcome = result.Reply?.Outcome ?? SendOutcome.Refused;
        metrics.Ended(outcome, result.Reason);
        hot.Ended(caller.Id, outcome);
        if (result.PublicReason() is { } reason)
        {
            refusals.Count(caller.Id, result.Template, reason);
        }

        if (result is { End: SendEnd.Replied, Reply: { Outcome: SendOutcome.Accepted or SendOutcome.Replayed } reply })
        {
            if (reply.Outcome == SendOutcome.Replayed)
            {
                context.Response.Headers["Idempotent-Replayed"] = "true";
            }

            await WriteAcceptedAsync(context, send, ids.Encode(send.User, reply.Message));
            return null;
        }

        return Error(result, send);
    }

    private static GraphError Error(SendResult result, ParsedSend send) => result.End switch
    {
        SendEnd.RefusedHere => Refusals.From(result),
        SendEnd.TokenRevoked => GraphError.TokenInvalid,
        SendEnd.NumberUnknown => GraphPipeline.Unsupported("POST"),
        SendEnd.NotMarketing => new(134100, 400, "Only marketing messages supported", "template: its category is not marketing; send it by /messages"),
        SendEnd.LeaseUnsettled => GraphError.Overloaded,
        SendEnd.Replied => result.Reply!.Outcome switch
        {
            SendOutcome.Refused => Refusals.From(result),
            SendOutcome.AnswersNothing => send.Answered!.Nothing,
            SendOutcome.KeyReused => GraphError.Invalid("Idempotency-Key: it was used with another body") with { Status = 422 },
            SendOutcome.Overloaded or SendOutcome.Stale => GraphError.Overloaded,
            SendOutcome.Unavailable => GraphError.Overloaded with { Details = Problems.Unavailable.Detail },
            SendOutcome.Unknown => GraphError.Overloaded with { Details = Problems.OutcomeUnknown.Detail },
            SendOutcome.Undecided or SendOutcome.WouldAccept or SendOutcome.Accepted or SendOutcome.Replayed =>
                throw new InvalidOperationException("a send ended as no send can: " + result.Reply.Outcome),
        },
    };

    private async ValueTask<GraphError?> ReadAsync(HttpContext context, Caller caller, long number, ParsedRead read)
    {
        // No fence looks at the token again here, as it does with a send: the business's grain is asked.
        var lease = await leases.AskedSinceAsync(caller.Id, time.GetTimestamp());
        if (lease?.Business.TokenEpoch != caller.Epoch)
        {
            return GraphError.TokenInvalid;
        }

        if (!lease.TryGetNumber(number, out _))
        {
            return GraphPipeline.Unsupported("POST");
        }

        var reply = await users.IdempotentAsync(read.User, u => u.ReadByBusinessAsync(caller.Id, read.Message));
        if (reply.Refusal is not null)
        {
            return GraphError.Value("message_id", "there is no such message of a user to this business");
        }

        context.Response.ContentType = GraphError.ContentType;
        context.Response.ContentLength = Success.Length;
        await context.Response.BodyWriter.WriteAsync(Success, context.RequestAborted);
        return null;
    }

    /// <summary>Every part has a known alphabet that JSON needs no escapes for.</summary>
    private static async ValueTask WriteAcceptedAsync(HttpContext context, ParsedSend send, string wamid)
    {
        var status = send.Template is null ? "" : ",\"message_status\":\"accepted\"";
        var buffer = ArrayPool<byte>.Shared.Rent(256);
        Utf8.TryWrite(
            buffer,
            CultureInfo.InvariantCulture,
            $$"""{"messaging_product":"whatsapp","contacts":[{"input":"{{send.Input}}","wa_id":"{{send.User}}"}],"messages":[{"id":"{{wamid}}"{{status}}}]}""",
            out var length);
        context.Response.ContentType = GraphError.ContentType;
        context.Response.ContentLength = length;
        await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
