using Actors.Policy.Businesses;
using Actors.Policy.Users;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Model;

/// <summary>
/// What counts for quality, against an independent reading: the whole history in one list, gone through from its start for each question.
/// </summary>
public sealed class QualityModelTests
{
    private enum Deed
    {
        Delivered,
        Report,
        Block,
        OptOut,
        NotInterested,
    }

    private sealed record Done(Instant At, Deed Deed, long Business, long Template, QualityMark Mark);

    private static readonly Gen<(int Deed, int Who, int Template, int Clock, int Amount)[]> Steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1], Gen.Int[1, QualityTrail.CountedMax], Gen.Int[0, 9], Gen.Int[0, 100_000]).Array[1, 60];

    [Fact]
    public void A_random_history_counts_as_the_policy_reads()
    {
        var (users, weighed, added) = (0, 0, 0);
        Steps.Sample(
            steps =>
            {
                var history = Replay(steps);
                users += history.Count(done => done.Mark.CountsUser);
                weighed += history.Count(done => done.Mark.Signal is not null);
                added += history.Count(done => done.Mark.After is not null);
            },
            iter: Check.Iter * 8,
            threads: 1);
        Assert.True(Math.Min(Math.Min(users, weighed), added) > Check.Iter, $"the histories show too little: {users}, {weighed}, {added}");
    }

    private static List<Done> Replay((int Deed, int Who, int Template, int Clock, int Amount)[] steps)
    {
        var history = new List<Done>();
        var state = With(OptedIn(), OptedIn(OtherBusiness));
        var clock = Now;
        foreach (var step in steps)
        {
            clock = Move(clock, step.Clock, step.Amount, history);
            var business = step.Who == 0 ? Business : OtherBusiness;
            var now = Instant.Max(clock, state.LastAt);
            var (done, decision) = Do(state, step.Deed, step.Amount, business, step.Template, clock);
            if (decision.Change is not { } change)
            {
                continue;
            }

            state = change.Next;
            if (done is not { } deed)
            {
                Assert.All(change.Events, happened => Assert.Equal(default, happened.Quality));
                continue;
            }

            var mark = Assert.Single(change.Events, happened => happened.Quality != default || happened == change.Events[^1]).Quality;
            Assert.Equal(Expected(history, now, deed, business, step.Template), mark);
            history.Add(new Done(now, deed, business, step.Template, mark));
            Assert.All(state.Relations, relation => Assert.True((relation.Quality?.Counted.Length ?? 0) <= QualityTrail.CountedMax));
        }

        return history;
    }

    /// <summary>Time goes on, often to one millisecond around an instant at which something lapses.</summary>
    private static Instant Move(Instant clock, int how, int amount, List<Done> history)
    {
        var past = history.Count == 0 ? clock : history[amount % history.Count].At;
        var edge = ((amount % 3) - 1) * Tick;
        return how switch
        {
            0 or 1 => clock,
            2 => clock + TimeSpan.FromMilliseconds(amount),
            3 => clock + TimeSpan.FromMinutes(amount % 600),
            4 or 5 or 6 => Instant.Max(clock, past + Day + edge),
            7 or 8 => Instant.Max(clock, past + Week + edge),
            _ => clock - TimeSpan.FromSeconds(amount % 100),
        };
    }

    /// <summary>What is done, and which deed it is; null for one that has nothing to do with quality.</summary>
    private static (Deed? Deed, ActionDecision Decision) Do(UserState state, int deed, int amount, long business, long template, Instant now)
    {
        switch (deed)
        {
            case < 4:
                var message = Message(category: amount % 2 == 0 ? Category.Marketing : Category.Utility) with
                {
                    Business = business,
                    Template = template,
                    Explanation = new byte[] { 1, 0 },
                };
                return (Deed.Delivered, MessageActions.Advance(state, message, MessageStatus.Delivered, Numbers, now));
            case 4:
                return (Deed.Report, UserActions.Report(state, business, ComplaintReason.Spam, null, block: false, now));
            case 5 when state.RelationWith(business)?.BlockedAt is null:
                return (Deed.Block, UserActions.Block(state, business, ComplaintReason.Spam, now));
            case 5:
                return (null, UserActions.Unblock(state, business, now));
            case 6:
                return (Deed.OptOut, ConsentActions.OptOut(state, business, Categories.Utility, byUser: true, now));
            case 7:
                return (Deed.NotInterested, MessageActions.GiveFeedback(state, Message() with { Business = business }, Feedback.NotInterested, Numbers, now));
            default:
                return amount % 2 == 0
                    ? (Deed.OptOut, ConsentActions.StopMarketing(state, business, now))
                    : (null, ConsentActions.ResumeMarketing(state, business, now));
        }
    }

    private static QualityMark Expected(List<Done> history, Instant now, Deed deed, long business, long template)
    {
        var own = history.Where(done => done.Business == business).ToList();
        var delivered = own.Where(done => done.Deed == Deed.Delivered).ToList();
        if (deed == Deed.Delivered)
        {
            return QualityMark.Of(
                !delivered.Exists(done => done.Mark.CountsUser && Within(done.At, Day)),
                !delivered.Exists(done => done.Template == template && done.Mark.CountsForTemplate && Within(done.At, Day)));
        }

        if (delivered.LastOrDefault() is not { } last || !Within(last.At, Week))
        {
            return default;
        }

        // The groups, from the first signal that counted on: each covers the 24 hours from its first.
        Instant? began = null;
        NegativeSignal? heaviest = null;
        foreach (var done in own.Where(done => done.Mark.Signal is not null))
        {
            if (began is not { } first || done.At - first >= Day)
            {
                (began, heaviest) = (done.At, null);
            }

            heaviest = new[] { heaviest, SignalOf(done.Deed) }.Max();
        }

        var before = began is { } running && Within(running, Day) ? heaviest : null;
        return before is null || SignalOf(deed) > before ? QualityMark.Of(SignalOf(deed), before, last.Template) : default;

        bool Within(Instant at, TimeSpan period) => now - at < period;
    }

    private static NegativeSignal SignalOf(Deed deed) => deed switch
    {
        Deed.Report => NegativeSignal.Report,
        Deed.Block => NegativeSignal.Block,
        Deed.OptOut => NegativeSignal.OptOut,
        Deed.NotInterested => NegativeSignal.NotInterested,
        _ => throw new ArgumentOutOfRangeException(nameof(deed)),
    };
}
