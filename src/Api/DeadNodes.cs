using Actors.Contracts;

namespace Actors.Api;

/// <summary>
/// Where there are several nodes, one can die under a call: nobody knows then what became of it. What can be said twice without harm is said again, here, so
/// that the caller hears an answer and no outage.
/// </summary>
/// <remarks>
/// A call to a node that has died ends when the others have noticed, or after the time that any call may take. By then its grains are active elsewhere. A node
/// that hangs is noticed later than that: there a repeated call may end like the first.
/// </remarks>
/// <param name="areThere">False on a single node: there a call without an answer means overload, and saying it again would make it worse.</param>
internal sealed class DeadNodes(bool areThere)
{
    private const int Most = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether there are other nodes that can die.</summary>
    public bool MayBe => areThere;

    /// <summary>Whether a call ended for that reason.</summary>
    public static bool Ended(Exception e) => e is SiloUnavailableException or TimeoutException or OrleansMessageRejectionException
        or Orleans.Runtime.Messaging.ConnectionFailedException;

    /// <summary>Sends, and where a node died and the send has a key, sends again: then the second call finds what the first one has made.</summary>
    public Task<SendReply> SendAsync(IUserGrain user, SendRequest request) =>
        areThere && request.Command.Key is not null ? RepeatAsync(user, request) : user.SendAsync(request);

    /// <summary>Runs the rest of the pipeline, and again where a node died under a request that only reads.</summary>
    public Task HandleAsync(HttpContext context, RequestDelegate next) =>
        areThere && HttpMethods.IsGet(context.Request.Method) ? RepeatAsync(context, next) : next(context);

    private static async Task<SendReply> RepeatAsync(IUserGrain user, SendRequest request)
    {
        for (var time = 1; ; time++)
        {
            try
            {
                var reply = await user.SendAsync(request);
                return time == 1 ? reply : AfterAnother(reply);
            }
            catch (Exception e) when (MayRepeat(e, time))
            {
                await Task.Delay(Pause * time, TimeProvider.System);
            }
        }
    }

    /// <summary>
    /// What an answer says when a call before it had none. That call may still be committed, by a silo that was taken for dead: whatever commits nothing itself
    /// proves nothing of it. What is found to have been made may have used the place that came with it.
    /// </summary>
    private static SendReply AfterAnother(SendReply reply) => reply.Outcome switch
    {
        SendOutcome.Accepted or SendOutcome.KeyReused => reply,
        SendOutcome.Replayed => reply with { Opened = true },
        _ => reply with { Outcome = SendOutcome.Unknown, Reason = null },
    };

    /// <summary>What took all the time that a call may take is tried once more only: it may be too much load, and no death.</summary>
    private static bool MayRepeat(Exception e, int time) => Ended(e) && time < (e is TimeoutException ? 2 : Most);

    private static async Task RepeatAsync(HttpContext context, RequestDelegate next)
    {
        for (var time = 1; ; time++)
        {
            try
            {
                await next(context);
                return;
            }
            catch (Exception e) when (MayRepeat(e, time) && !context.Response.HasStarted)
            {
                context.Response.Clear();
                await Task.Delay(Pause * time, TimeProvider.System);
            }
        }
    }
}
