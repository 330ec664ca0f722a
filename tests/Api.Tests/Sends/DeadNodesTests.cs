using System.Reflection;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Api.Tests.Sends;

/// <summary>Calls whose connection ends under them: what may be said twice is said again at once, and nothing else waits for long.</summary>
public sealed class DeadNodesTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10), Later = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_send_with_a_key_is_said_again_where_its_connection_ends_and_finds_what_the_first_one_made()
    {
        var (nodes, user) = (new DeadNodes(areThere: true), User(new TaskCompletionSource<SendReply>().Task, Reply(SendOutcome.Replayed)));
        var send = nodes.SendAsync(user, Send(key: 7));
        nodes.ConnectionEnded();
        var reply = await send.WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal((SendOutcome.Replayed, true, 2), (reply.Outcome, reply.Opened, Calls(user)));
    }

    [Fact]
    public async Task What_a_repeated_send_is_refused_for_proves_nothing_of_the_first_one()
    {
        var (nodes, user) = (new DeadNodes(areThere: true), User(new TaskCompletionSource<SendReply>().Task, Reply(SendOutcome.Refused)));
        var send = nodes.SendAsync(user, Send(key: 7));
        nodes.ConnectionEnded();
        Assert.Equal(SendOutcome.Unknown, (await send.WaitAsync(Soon, TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact]
    public async Task Who_is_answered_a_moment_later_over_another_connection_is_not_said_again()
    {
        var answer = new TaskCompletionSource<SendReply>();
        var (nodes, user) = (new DeadNodes(areThere: true), User(answer.Task));
        var send = nodes.SendAsync(user, Send(key: 7));
        nodes.ConnectionEnded();
        answer.SetResult(await Reply(SendOutcome.Refused));
        Assert.Equal((SendOutcome.Refused, 1), ((await send.WaitAsync(Soon, TestContext.Current.CancellationToken)).Outcome, Calls(user)));
    }

    [Fact]
    public async Task Being_cut_off_takes_no_try_away_and_happens_three_times_at_most()
    {
        var (nodes, user) = (new DeadNodes(areThere: true), User(
            new TaskCompletionSource<SendReply>().Task,
            Task.FromException<SendReply>(new SiloUnavailableException()),
            Task.FromException<SendReply>(new TimeoutException()),
            Task.FromException<SendReply>(new SiloUnavailableException()),
            Reply(SendOutcome.Replayed)));
        var send = nodes.SendAsync(user, Send(key: 7));
        nodes.ConnectionEnded();
        Assert.Equal(SendOutcome.Replayed, (await send.WaitAsync(Soon * 2, TestContext.Current.CancellationToken)).Outcome);

        (nodes, user) = (new DeadNodes(areThere: true), User([.. Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource<SendReply>().Task)]));
        send = nodes.SendAsync(user, Send(key: 7));
        for (var cuts = 1; cuts <= 3; cuts++)
        {
            nodes.ConnectionEnded();
            while (Calls(user) == cuts)
            {
                await Task.Delay(Later / 20, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        nodes.ConnectionEnded();
        await Task.Delay(Later, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((false, 4), (send.IsCompleted, Calls(user)));
    }

    [Fact]
    public async Task A_send_without_a_key_ends_at_once_and_is_said_once()
    {
        var (nodes, user) = (new DeadNodes(areThere: true), User(new TaskCompletionSource<SendReply>().Task));
        var send = nodes.SendAsync(user, Send(key: null));
        nodes.ConnectionEnded();
        var ended = await Assert.ThrowsAsync<SiloUnavailableException>(() => send.WaitAsync(Soon, TestContext.Current.CancellationToken));
        Assert.Equal(("outcome_unknown", 1), (Failures.ProblemOf(ended).Code, Calls(user)));
    }

    [Fact]
    public async Task What_is_idempotent_is_said_again_and_what_is_not_is_not()
    {
        var (nodes, calls) = (new DeadNodes(areThere: true), 0);
        var never = new TaskCompletionSource<int>().Task;
        var idempotent = nodes.IdempotentAsync(() => ++calls == 1 ? never : Task.FromResult(calls));
        nodes.ConnectionEnded();
        Assert.Equal(2, await idempotent.WaitAsync(Soon, TestContext.Current.CancellationToken));
        calls = 0;
        Assert.Equal(3, await nodes.IdempotentAsync(() => ++calls < 3 ? Task.FromException<int>(new SiloUnavailableException()) : Task.FromResult(calls)));
        calls = 0;
        await Assert.ThrowsAsync<TimeoutException>(() => nodes.IdempotentAsync(() => Task.FromException<int>(new TimeoutException($"{++calls}"))));
        Assert.Equal(1, calls);   // it may be too much load
        await Assert.ThrowsAsync<SiloUnavailableException>(() => nodes.OnceAsync(() => Task.FromException<int>(new SiloUnavailableException($"{++calls}"))));
        Assert.Equal(2, calls);
        var alone = new DeadNodes(areThere: false);
        await Assert.ThrowsAsync<SiloUnavailableException>(
            () => alone.IdempotentAsync(() => Task.FromException<int>(new SiloUnavailableException($"{++calls}"))));
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_word_is_said_again_when_the_first_one_is_too_old_to_be_taken_up()
    {
        var (nodes, calls) = (new DeadNodes(areThere: true), 0);
        var never = new TaskCompletionSource<int>().Task;
        var word = nodes.WordAsync(() => ++calls == 1 ? never : Task.FromResult(calls));
        var began = TimeProvider.System.GetTimestamp();
        nodes.ConnectionEnded();
        Assert.Equal(2, await word.WaitAsync(Soon, TestContext.Current.CancellationToken));

        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task A_death_is_waited_out_by_saying_it_again_until_five_seconds_are_over()
    {
        var (nodes, calls, since) = (new DeadNodes(areThere: true), 0, TimeProvider.System.GetTimestamp());
        Assert.Equal(1, await nodes.IdempotentAsync(() => ++calls > 0 && TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(3)
            ? Task.FromException<int>(new SiloUnavailableException()) : Task.FromResult(1)));
        Assert.InRange(calls, 5, 40);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => nodes.IdempotentAsync(() => Task.FromException<int>(new SiloUnavailableException())));
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.FromSeconds(7.5), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_single_node_has_no_others_and_waits_for_its_time_limit()
    {
        var (nodes, user) = (new DeadNodes(areThere: false), User(new TaskCompletionSource<SendReply>().Task));
        var send = nodes.SendAsync(user, Send(key: 7));
        nodes.ConnectionEnded();
        await Task.Delay(Later, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((false, 1), (send.IsCompleted, Calls(user)));
    }

    [Fact]
    public async Task An_end_before_the_call_does_not_concern_it()
    {
        var (nodes, user) = (new DeadNodes(areThere: true), User(new TaskCompletionSource<SendReply>().Task));
        nodes.ConnectionEnded();
        var send = nodes.SendAsync(user, Send(key: 7));
        await Task.Delay(Later, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((false, 1), (send.IsCompleted, Calls(user)));
    }

    private static Task<SendReply> Reply(SendOutcome outcome) => Task.FromResult(new SendReply { Outcome = outcome });

    private static SendRequest Send(ulong? key) => new(
        new SendCommand { Business = 1, PhoneNumber = 2, Template = 0, Category = Category.Service, Key = key }, Epoch: 1);

    /// <summary>A user's grain, far away: these are its answers, one for each call.</summary>
    private static IUserGrain User(params Task<SendReply>[] answers)
    {
        var user = DispatchProxy.Create<IUserGrain, Far>();
        ((Far)(object)user).Answers = new(answers);
        return user;
    }

    private static int Calls(IUserGrain user) => ((Far)(object)user).Calls;

    // Not sealed: the proxy is derived from it.
#pragma warning disable CA1852
    private class Far : DispatchProxy
#pragma warning restore CA1852
    {
        public Queue<Task<SendReply>> Answers { get; set; } = [];

        public int Calls { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Calls++;
            return Answers.Dequeue();
        }
    }
}
