using Actors.Bench.Scenarios;
using Actors.Bench.Scenarios.Checks;
using CsCheck;

namespace Actors.Bench.Tests;

/// <summary>The checker finds nothing in what is true, and exactly what is wrong in what isn't.</summary>
public sealed class CheckerTests
{
    private static readonly IReadOnlyList<History> _stories = [.. Enumerable.Range(0, 30).Select(seed => Story.Tell(seed))];
    private const long User = 9_990_000_000_000, Start = 1_000_000_000;

    public static TheoryData<string> Lies => [.. Plants.All.Keys];

    [Fact]
    public void A_true_history_has_no_violation() => Gen.Int[0, 1_000_000].Sample(seed =>
    {
        var violations = Checker.Check(Story.Tell(seed, steps: 600));
        Assert.True(violations.Count == 0, string.Join('\n', violations));
    }, iter: 100);

    /// <summary>Otherwise nothing is shown by what isn't found.</summary>
    [Fact]
    public void A_true_history_has_everything_in_it()
    {
        Assert.Equal(
            Enum.GetValues<LineKind>().Except([LineKind.Other, LineKind.Failed]),
            _stories.SelectMany(story => story.Log).Select(line => line.Kind).Distinct().Order());
        Assert.Equal([Topics.Utility, Topics.Authentication, Topics.Marketing, Topics.Service], _stories
            .SelectMany(story => story.Log).Where(line => line.Kind == LineKind.Accepted).Select(line => line.Topics).Distinct().Order());
        Assert.Contains(_stories.SelectMany(story => story.Sends), send => send is { IsOpen: true, Outcome: Outcome.Unknown });
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_lie_is_found_and_nothing_else(string lie)
    {
        var found = 0;
        foreach (var planted in _stories.Select(Plants.All[lie]).OfType<Planted>().Take(8))
        {
            var violations = Checker.Check(planted.History);
            Assert.Equal(
                planted.Messages.Select(message => (planted.Guarantee, message)).Order(),
                violations.Select(violation => (violation.Guarantee, violation.Message!)).Order());
            found++;
        }

        Assert.True(found >= 3, $"only {found} histories had a place for it");
    }

    [Theory]
    [InlineData(History.Day, 0)]
    [InlineData(History.Day - 1, 1)]
    public void The_caps_day_is_24_hours_to_the_millisecond(long apart, int violations) =>
        Found("G2", violations, Marketing(1, 0), Marketing(2, 0), Marketing(3, apart));

    [Theory]
    [InlineData(7 * History.Day, 0)]
    [InlineData((7 * History.Day) - 1, 1)]
    public void The_caps_week_is_7_days_to_the_millisecond(long apart, int violations) => Found(
        "G2", violations, [.. Enumerable.Range(0, 6).Select(day => Marketing(1 + (day % 2), day * History.Day)), Marketing(3, apart)]);

    [Fact]
    public void The_cap_counts_nothing_in_a_window_and_gives_the_place_of_what_expired_back() => Found(
        "G2",
        0,
        Marketing(1, 0),
        Marketing(2, 0),
        new LogLine(2, 0, Start + 1, LineKind.Expired, User, "wamid.2.0", Topics.Marketing),
        new LogLine(3, 0, Start + 2, LineKind.Inbound, User),
        Marketing(3, 3) with { InWindow = true },
        Marketing(3, 4));

    [Theory]
    [InlineData(9, 1)]
    [InlineData(10, 0)]
    public void Who_has_ten_outcomes_may_be_engaged(int outcomes, int violations) => Found(
        "G2",
        violations,
        [
            .. Enumerable.Range(0, outcomes).Select(index => new LogLine(9, 0, Start, LineKind.Delivered, User, $"wamid.before.{index}", Topics.Marketing)),
            Marketing(1, 0), Marketing(2, 0), Marketing(3, 0),
        ]);

    [Theory]
    [InlineData(History.Day, 0)]
    [InlineData(History.Day - 1, 1)]
    public void The_limits_day_is_24_hours_to_the_millisecond(long apart, int violations) => Found(
        "G6",
        violations,
        [.. Enumerable.Range(0, 3).Select(user => Marketing(1, user == 2 ? apart : 0) with { User = User + user, Message = $"wamid.{user}" })]);

    [Fact]
    public void A_user_who_was_opened_costs_nothing_again() => Found("G6", 0, Marketing(1, 0), Marketing(1, 5), Marketing(1, 6) with { User = User + 1 });

    [Theory]
    [InlineData(Topics.Marketing, false)]
    [InlineData(Topics.Utility, false)]
    [InlineData(Topics.Service, false)]
    [InlineData(Topics.Service, true)]
    public void Nothing_is_accepted_for_who_neither_opted_in_nor_wrote(Topics category, bool inWindow) =>
        Found("G3", 1, Marketing(1, 0) with { Topics = category, InWindow = inWindow });

    /// <summary>The calls overlap, or the lift had no answer: some order of them explains it.</summary>
    [Theory]
    [InlineData(ActKind.OptIn, 50, 60, Outcome.Done, false, 0)]
    [InlineData(ActKind.OptIn, 15, 19, Outcome.Done, false, 1)]
    [InlineData(ActKind.OptIn, 15, 21, Outcome.Done, false, 0)]
    [InlineData(ActKind.OptIn, 15, 19, Outcome.Unknown, true, 0)]
    [InlineData(ActKind.OptIn, 50, 60, Outcome.Refused, false, 1)]
    [InlineData(ActKind.OptIn, 81, 90, Outcome.Done, false, 1)]
    [InlineData(ActKind.Write, 50, 60, Outcome.Done, false, 1)]
    [InlineData(ActKind.Resume, 50, 60, Outcome.Done, false, 1)]
    public void Only_what_may_lie_between_lifts_an_opt_out(ActKind kind, long began, long ended, Outcome outcome, bool isOpen, int violations)
    {
        var send = new Send { Business = 1, User = User, Category = Topics.Marketing, Key = 1, Outcome = Outcome.Done, Began = 70, Ended = 80 };
        send.Wamid = "wamid.1.0";
        var optOut = new Act { Kind = ActKind.OptOut, Business = 1, User = User, Outcome = Outcome.Done, Began = 20, Ended = 30 };
        var lift = new Act { Kind = kind, Business = 1, User = User, Outcome = outcome, IsOpen = isOpen, Began = began, Ended = ended };
        var history = Of(OptedIn(1), Marketing(1, 0)) with { Sends = [send], Acts = [optOut, lift] };
        Assert.Equal(violations, Checker.Check(history).Count(violation => violation.Guarantee == "G3"));
    }

    /// <summary>The second block is done, and does nothing: the user had opted in anew behind the first.</summary>
    [Fact]
    public void A_block_that_was_there_already_takes_no_consent_anew()
    {
        var send = new Send { Business = 1, User = User, Category = Topics.Marketing, Key = 1, Outcome = Outcome.Done, Began = 90, Ended = 99 };
        send.Wamid = "wamid.1.0";
        ActKind[] kinds = [ActKind.Block, ActKind.OptIn, ActKind.Block, ActKind.Unblock];
        var acts = kinds.Select((kind, index) => new Act
        {
            Kind = kind,
            Business = 1,
            User = User,
            Outcome = Outcome.Done,
            Began = 10 * index,
            Ended = (10 * index) + 5,
        }).ToList();
        var history = Of(OptedIn(1), Marketing(1, 0)) with { Sends = [send], Acts = acts };
        Assert.Empty(Checker.Check(history));
        Assert.Equal("G3", Assert.Single(Checker.Check(history with { Acts = acts[..3] })).Guarantee);
    }

    private static void Found(string guarantee, int count, params LogLine[] lines) =>
        Assert.Equal(count, Checker.All.Single(check => check.Guarantee == guarantee).Find(Of(lines)).Count());

    /// <summary>A log of these lines in their order; each business may open two users.</summary>
    private static History Of(params LogLine[] lines) => new()
    {
        Rules = Rules.Default,
        Senders = [.. lines.Select(line => line.Business).Distinct().Select(id => new Sender(id, id, "", 2))],
        Sends = [],
        Acts = [],
        Log = [.. lines.Select((line, index) => line with { Seq = index })],
        Keys = new Dictionary<string, long>(),
    };

    private static LogLine Marketing(long business, long after) =>
        new(business, 0, Start + after, LineKind.Accepted, User, $"wamid.{business}.{after}", Topics.Marketing);

    private static LogLine OptedIn(long business) => new(business, 0, Start, LineKind.OptedIn, User, Topics: Topics.Consented);
}
