using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>Load against which guarantees are tried.</summary>
internal static class Races
{
    private const int Senders = 8;
    private const int BeforeTheNo = 20;
    private const int AfterTheNo = 50;

    /// <summary>The user's no, in one of the ways to say it; marketing is forbidden by all of them.</summary>
    public static async Task SayNoAsync(IUserGrain user, long business, string no)
    {
        var reply = no switch
        {
            "opt-out" => await user.OptOutAsync(business, Categories.All, byUser: true),
            "block" => await user.BlockAsync(business, ComplaintReason.Spam),
            "stop" => await user.StopMarketingAsync(business),
            "word" => await SayStopAsync(),
            "businesses off" => await user.SetPreferencesAsync(Preferences.Default with { Businesses = false }),
            "erasure" => await user.EraseAsync(),
            _ => throw new ArgumentOutOfRangeException(nameof(no), no, "no such no"),
        };
        Assert.Equal(new ActionReply(null, true), reply);

        async Task<ActionReply> SayStopAsync() => new((await user.WriteAsync(Given.Says(business, "Stop!"))).Refusal, true);
    }

    /// <summary>
    /// Sends marketing from all nodes at once and without pause, says no in the midst of it, and lets the sending go on: none that began after the
    /// answer may be accepted. The user has written before, so that the cap doesn't count.
    /// </summary>
    public static async Task NoLaterSendIsAcceptedAsync(IReadOnlyList<TestNode> nodes, long user, long business, Func<Task> sayNo)
    {
        await nodes[0].User(user).WriteAsync(Given.Says(business, "hello"));
        await NoLaterSendIsAcceptedAsync(
            i => nodes[i % nodes.Count].User(user).SendAsync(Given.Send(business, Category.Marketing)), SendOutcome.Refused, sayNo);
    }

    /// <summary>
    /// Sends from all nodes at once and without pause, each by its own lease, restricts the business in the midst of it, and lets the sending go on: none
    /// that began after the answer may be accepted.
    /// </summary>
    /// <param name="no">What forbids it: lock, no marketing, window only, nothing.</param>
    /// <param name="nodes">The nodes; the last one restricts.</param>
    /// <param name="business">A business that isn't registered yet.</param>
    public static async Task NoLaterSendOfARestrictedBusinessIsAcceptedAsync(string no, IReadOnlyList<TestNode> nodes, long business)
    {
        var (strikes, category) = no switch
        {
            "lock" => (0, Category.Utility),
            "no marketing" => (1, Category.Marketing),
            "window only" => (3, Category.Utility),
            "nothing" => (4, Category.Service),
            _ => throw new ArgumentOutOfRangeException(nameof(no), no, "no such no"),
        };
        var grain = nodes[^1].Business(business);
        await grain.RegisterAsync(Given.Registration(business), "operator:ann");
        for (var strike = 0; strike < strikes; strike++)
        {
            await grain.RecordViolationAsync("scam", "seen", "operator:ann");
        }

        var users = new List<long>();
        while (users.Count < Senders)
        {
            users.Add(await Given.OptedInAsync(nodes[0], business));
            if (no != "window only")
            {
                await nodes[0].User(users[^1]).WriteAsync(Given.Says(business, "hello"));
            }
        }

        var senders = users.Select((_, i) => new LeasedSender(nodes[i % nodes.Count], business)).ToArray();
        await NoLaterSendIsAcceptedAsync(
            i => senders[i].SendAsync(users[i], category),
            SendOutcome.Refused,
            () => no == "lock" ? grain.LockAsync("now", "operator:ann") : grain.RecordViolationAsync("scam", "again", "operator:ann"));
    }

    /// <summary>
    /// Sends marketing from all nodes at once and without pause, each message to another user, lowers the cap to nothing in the midst of it, and lets the
    /// sending go on: none that began after the answer may be accepted. At the end the cap is as it was.
    /// </summary>
    public static async Task NoLaterSendForbiddenByPolicyIsAcceptedAsync(IReadOnlyList<TestNode> nodes)
    {
        var business = Given.NewBusiness();
        var users = new long?[Senders];
        var policy = nodes[^1].Grains.GetGrain<IPolicyGrain>(0);
        var before = await policy.GetAsync();
        await NoLaterSendIsAcceptedAsync(
            SendAsync,
            SendOutcome.Refused,
            async () =>
            {
                var lowered = await policy.ChangeAsync(before.Version, [new PolicyValue("MarketingCap:PerDay", ["0"])], "stop", "operator:ann");
                Assert.Null(lowered.Refusal);
            });
        Assert.Null((await policy.RollBackAsync(before.Version, before.Version + 1, "go on", "operator:ann")).Refusal);
        for (var i = 0; i < nodes.Count; i++)
        {
            while ((await SendAsync(i)).Outcome != SendOutcome.Accepted)
            {
                await Task.Yield();
            }
        }

        async Task<SendReply> SendAsync(int i)
        {
            var node = nodes[i % nodes.Count];
            var reply = await node.User(users[i] ??= await Given.OptedInAsync(node, business)).SendAsync(Given.Send(business, Category.Marketing));
            if (reply.Outcome == SendOutcome.Accepted)
            {
                users[i] = null;   // this one's cap is used up
            }

            return reply;
        }
    }

    /// <param name="send">Sends once, for the sender of this number.</param>
    /// <param name="forbidden">How a send ends that the no forbids.</param>
    /// <param name="sayNo">Ends when the no is answered.</param>
    public static async Task NoLaterSendIsAcceptedAsync(Func<int, Task<SendReply>> send, SendOutcome forbidden, Func<Task> sayNo)
    {
        var answered = 0;
        var accepted = 0;
        var afterwards = 0;
        var warm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var senders = Enumerable.Range(0, Senders).Select(i => Task.Run(async () =>
        {
            while (Volatile.Read(ref afterwards) < AfterTheNo)
            {
                var after = Volatile.Read(ref answered) == 1;
                var reply = await send(i);
                Assert.False(after && reply.Outcome == SendOutcome.Accepted, "accepted after the no was answered");
                if (after && reply.Outcome == forbidden)
                {
                    Interlocked.Increment(ref afterwards);
                }

                if (reply.Outcome == SendOutcome.Accepted && Interlocked.Increment(ref accepted) == BeforeTheNo)
                {
                    warm.SetResult();
                }
            }
        })).ToArray();
        await Task.WhenAny(warm.Task, Task.WhenAll(senders));
        await sayNo();
        Volatile.Write(ref answered, 1);
        await Task.WhenAll(senders);
    }
}
