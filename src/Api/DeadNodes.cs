using Actors.Contracts;

namespace Actors.Api;

/// <summary>
/// Where there are several nodes, one can die under a call: nobody knows then what became of it. What can be said twice without harm is said again, here, so
/// that the caller hears an answer and no outage.
/// </summary>
/// <remarks>
/// A call to a node that has died ends when the others have noticed, or after the time that any call may take. By then its grains are active elsewhere, so one
/// more call is enough; two, where that one hit the next node that dies.
/// </remarks>
/// <param name="areThere">False on a single node: there a call without an answer means overload, and saying it again would make it worse.</param>
internal sealed class DeadNodes(bool areThere)
{
    private const int Most = 3;

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
                return await user.SendAsync(request);
            }
            catch (Exception e) when (time < Most && Ended(e))
            {
                // Again.
            }
        }
    }

    private static async Task RepeatAsync(HttpContext context, RequestDelegate next)
    {
        for (var time = 1; ; time++)
        {
            try
            {
                await next(context);
                return;
            }
            catch (Exception e) when (time < Most && Ended(e) && !context.Response.HasStarted)
            {
                context.Response.Clear();
            }
        }
    }
}
