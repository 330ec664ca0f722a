using Actors.Bench.Scenarios;

namespace Actors.Bench.Tests;

/// <summary>Each scenario asks for what its name says.</summary>
public sealed class TrafficTests
{
    private const int Calls = 20_000;
    private const int Users = 1_000;
    private static readonly Sender[] _senders = [.. Enumerable.Range(1, 4).Select(id => new Sender(id, 10 + id, "", null))];

    [Fact]
    public void The_hot_business_makes_80_percent() =>
        Assert.InRange(Sends("hot-business").Count(send => send.Business == 1) / (double)Calls, 0.78, 0.82);

    [Fact]
    public void Elsewhere_the_small_business_makes_a_tenth_and_the_others_the_same() =>
        Assert.All(Sends("steady").CountBy(send => send.Business), business =>
            Assert.Equal(business.Key == 4 ? 0.1 : 0.3, business.Value / (double)Calls, tolerance: 0.02));

    [Fact]
    public void Of_hot_users_the_first_gets_the_share_of_zipf() =>
        Assert.InRange(Sends("hot-users").CountBy(send => send.User).Max(user => user.Value) / (double)Calls, 0.12, 0.15);

    [Fact]
    public void A_cold_user_is_sent_to_once_until_all_were() =>
        Assert.All(Sends("cold-users").Take(Users).CountBy(send => send.User), user => Assert.Equal(1, user.Value));

    [Fact]
    public void In_a_storm_each_pair_stops_once_and_nothing_else_is_done()
    {
        var acts = Play("opt-out-storm", at: 0.5).OfType<Act>().ToList();
        Assert.Equal(_senders.Length * Users, acts.Count);
        Assert.All(acts.CountBy(act => (act.Business, act.User)), pair => Assert.Equal(1, pair.Value));
        Assert.All(acts, act => Assert.Contains(act.Kind, new[] { ActKind.StopWord, ActKind.StopAllWord, ActKind.OptOut, ActKind.Stop }));
        Assert.Empty(Play("opt-out-storm", at: 0.1).OfType<Act>());
    }

    [Fact]
    public void A_life_has_every_act_in_it()
    {
        var (traffic, acts) = (Of("life"), new List<Act>());
        for (var call = 0; call < Calls; call++)
        {
            switch (traffic.Next(0.5))
            {
                case Send send:
                    (send.Outcome, send.Wamid) = (Outcome.Done, $"wamid.{send.Key}");
                    traffic.Answered(send);
                    break;
                case Act act:
                    act.Outcome = Outcome.Done;
                    traffic.Answered(act);
                    acts.Add(act);
                    break;
            }
        }

        Assert.Equal(Enum.GetValues<ActKind>().Except([ActKind.OptInByBusiness]), acts.Select(act => act.Kind).Distinct().Order());
        Assert.InRange(acts.Count / (double)Calls, 0.45, 0.55);
    }

    [Fact]
    public void Who_has_just_said_no_is_sent_marketing_by_whom_it_was_said_to()
    {
        var traffic = Of("steady");
        for (var user = 1; user <= 100; user++)
        {
            traffic.Answered(new Act { Kind = ActKind.Block, Business = 2, User = user, Outcome = Outcome.Done });
        }

        var probes = Enumerable.Range(0, 200).Select(_ => (Send)traffic.Next(0)).TakeWhile(send => send.User <= 100).ToList();
        Assert.InRange(probes.Count, 50, 90);
        Assert.All(probes, probe => Assert.Equal((2, Topics.Marketing), (probe.Business, probe.Category)));
    }

    [Theory]
    [InlineData("steady", 1, 1, 1)]
    [InlineData("ramp", 0.1, 0.55, 1)]
    [InlineData("spike", 0.2, 1, 0.2)]
    public void The_rate_goes_as_the_scenario_says(string scenario, double first, double middle, double last) =>
        Assert.Equal([first, middle, last], new[] { 0.0, 0.5, 1.0 }.Select(at => Math.Round(Find(scenario).Pace(at), 3)));

    private static IEnumerable<Send> Sends(string scenario) => Play(scenario, at: 0.5).Cast<Send>();

    private static IReadOnlyList<Call> Play(string scenario, double at)
    {
        var traffic = Of(scenario);
        return [.. Enumerable.Range(0, Calls).Select(_ => traffic.Next(at))];
    }

    private static Traffic Of(string scenario) => new(Find(scenario), new Stage(_senders, 9_990_000_000_000, Users), seed: 1);

    private static Scenario Find(string name) => Scenario.All.Single(scenario => scenario.Name == name);
}
