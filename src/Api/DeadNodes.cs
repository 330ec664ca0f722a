using Actors.Contracts;

namespace Actors.Api;

/// <summary>
/// Where there are several nodes, one can die under a call: nobody knows then what became of it. What can be said twice without harm is said again, here, so
/// that the caller hears an answer and no outage.
/// </summary>
/// <remarks>
/// <para>
/// A call to a node that has died ends when the others have noticed, or after the time that any call may take. By then its grains are active elsewhere. A call
/// under way where a connection ends isn't waited for so long: it may be that it went over that one.
/// </para>
/// <para>
/// A connection ends because its silo has, or because this node has left a gateway that didn't answer. Then the silo may still be there, and take up what lay
/// unread in it when it goes on. What is found to be done already, or can't be taken back, bears that; a word that can carries when it was said, and is too old
/// then (<see cref="SaidAt"/>, the user's grain).
/// </para>
/// </remarks>
/// <param name="areThere">False on a single node: there a call without an answer means overload, and saying it again would make it worse.</param>
internal sealed class DeadNodes(bool areThere)
{
    /// <summary>So long after its first try a call is made again where a node dies under it: a silo that was killed is voted dead before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// So long is waited for an answer where a connection has ended: nearly everything that is under way over another one is answered by then, and what was
    /// under way over this one, to somebody who lives elsewhere, is not late.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A word that another one takes back isn't said again sooner than so after it was said: longer than it is good for, with what two silos' clocks may differ
    /// by, so that no older word comes behind a newer one.
    /// </summary>
    private static readonly TimeSpan WordGrace = TimeSpan.FromSeconds(2);

    /// <summary>The same for what isn't said again: too early an end would be an outage for nothing, where a silo was only told to stop.</summary>
    private static readonly TimeSpan LongGrace = TimeSpan.FromSeconds(2.5);

    /// <summary>So often one call is made again because a connection has ended.</summary>
    private const int CutsMax = 3;

    private TaskCompletionSource _ended = New();

    /// <summary>Whether there are other nodes that can die.</summary>
    public bool MayBe => areThere;

    /// <summary>Whether a call ended for that reason.</summary>
    public static bool Ended(Exception e) => e is SiloUnavailableException or TimeoutException or OrleansMessageRejectionException
        or OperationCanceledException or Orleans.Runtime.Messaging.ConnectionFailedException;

    /// <summary>A connection to a silo has ended: what was under way over it nobody answers, and Orleans tells its callers at their time limit only.</summary>
    public void ConnectionEnded() => Interlocked.Exchange(ref _ended, New()).SetResult();

    /// <summary>Sends, and where a node died and the send has a key, sends again: then the second call finds what the first one has made.</summary>
    public Task<SendReply> SendAsync(IUserGrain user, SendRequest request) =>
        !areThere ? user.SendAsync(request)
        : request.Command.Key is null ? OnceAsync(() => user.SendAsync(request))
        : RepeatAsync(() => user.SendAsync(request), AfterAnother, timeouts: 1);

    /// <summary>
    /// Makes a call that may be made twice without harm, at any time, and makes it again where a node died under it. Not where only its time was over: that may
    /// be too much load. The answer may be that it already was so.
    /// </summary>
    public Task<T> IdempotentAsync<T>(Func<Task<T>> call) => areThere ? RepeatAsync(call, static reply => reply, timeouts: 0) : call();

    /// <summary>
    /// Says something that said twice is as said once, as long as nothing else is said in between: again where a node died under it, when the first one is too
    /// old to be taken up.
    /// </summary>
    public Task<T> WordAsync<T>(Func<Task<T>> call) => areThere ? RepeatAsync(call, static reply => reply, timeouts: 0, isWord: true) : call();

    /// <summary>Reads, in a request that is repeated as a whole (<see cref="HandleAsync"/>).</summary>
    /// <exception cref="SiloUnavailableException">A connection has ended, and no answer came.</exception>
    public Task<T> ReadAsync<T>(Func<Task<T>> call) => CutAsync(call, Grace);

    /// <summary>Makes a call that would count twice: where a node died under it, it ends soon, and nobody knows what came of it.</summary>
    /// <exception cref="SiloUnavailableException">A connection has ended, and no answer came.</exception>
    public Task<T> OnceAsync<T>(Func<Task<T>> call) => CutAsync(call, LongGrace);

    private async Task<T> CutAsync<T>(Func<Task<T>> call, TimeSpan grace)
    {
        if (!areThere)
        {
            return await call();
        }

        var ended = Volatile.Read(ref _ended).Task;   // before the call begins: no end is missed
        var answer = call();
        return await IsCutAsync(answer, ended, TimeSpan.Zero, 0, grace)
            ? throw new SiloUnavailableException("The connection to a silo has ended.")
            : await answer;
    }

    /// <summary>Runs the rest of the pipeline, and again where a node died under a request that only reads.</summary>
    public Task HandleAsync(HttpContext context, RequestDelegate next) =>
        areThere && HttpMethods.IsGet(context.Request.Method) ? RepeatAsync(context, next) : next(context);

    private async Task<T> RepeatAsync<T>(Func<Task<T>> call, Func<T, T> afterAnother, int timeouts, bool isWord = false)
    {
        var (tries, cuts, isFirst) = (new Tries(timeouts), 0, true);
        while (true)
        {
            try
            {
                var (ended, saidAt) = (Volatile.Read(ref _ended).Task, TimeProvider.System.GetTimestamp());
                var answer = call();
                if (cuts < CutsMax && await IsCutAsync(answer, ended, isWord ? WordGrace - Grace : TimeSpan.Zero, saidAt, Grace))
                {
                    cuts++;
                    isFirst = false;
                    continue;
                }

                var reply = await answer;
                return isFirst ? reply : afterAnother(reply);
            }
            catch (Exception e) when (tries.MayRepeat(e))
            {
                isFirst = false;
                await Task.Delay(tries.Rest, TimeProvider.System);
            }
        }
    }

    /// <summary>
    /// Waits for an answer, but no longer than so once a connection has ended, and for some time at least; then nobody waits for it any more.
    /// </summary>
    private static async Task<bool> IsCutAsync(Task answer, Task ended, TimeSpan atLeast, long since, TimeSpan grace)
    {
        if (await Task.WhenAny(answer, ended) == answer)
        {
            return false;
        }

        var left = atLeast - TimeProvider.System.GetElapsedTime(since);
        if (await Task.WhenAny(answer, Task.Delay(grace + (left > TimeSpan.Zero ? left : TimeSpan.Zero), TimeProvider.System)) == answer)
        {
            return false;
        }

        _ = answer.ContinueWith(static late => _ = late.Exception, TaskScheduler.Default);
        return true;
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

    private static async Task RepeatAsync(HttpContext context, RequestDelegate next)
    {
        var tries = new Tries(timeouts: 1);
        while (true)
        {
            try
            {
                await next(context);
                return;
            }
            catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && tries.MayRepeat(e))
            {
                context.Response.Clear();
                await Task.Delay(tries.Rest, TimeProvider.System);
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="timeouts">How often what took all the time that a call may take is tried again: it may be too much load, and no death.</param>
    private struct Tries(int timeouts)
    {
        private readonly long _since = TimeProvider.System.GetTimestamp();
        private int _ends;
        private int _timeouts;

        /// <summary>How long to wait before the next one.</summary>
        public readonly TimeSpan Rest => Pause * _ends < LongestPause ? Pause * _ends : LongestPause;

        /// <summary>Counts an end, and says whether it is tried again.</summary>
        public bool MayRepeat(Exception e)
        {
            _ends++;
            return Ended(e) && (e is TimeoutException ? ++_timeouts <= timeouts : TimeProvider.System.GetElapsedTime(_since) < Patience);
        }
    }
}
