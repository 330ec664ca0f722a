using Actors.Api.Hosting;
using CsCheck;

namespace Actors.Api.Tests;

/// <summary>A gateway that doesn't answer while others do is left for a while; no other is, and never all of them.</summary>
public sealed class QuietGatewaysTests
{
    private static readonly Uri[] Three = [.. Enumerable.Range(1, 3).Select(i => new Uri($"gwy.tcp://10.0.0.{i}:30000/1"))];

    private readonly QuietGateways _quiet = new();

    public QuietGatewaysTests() => _quiet.Of(Three);

    private static string A => Three[0].AbsoluteUri;

    [Fact]
    public void One_that_goes_quiet_is_left_after_a_second_of_rounds_and_comes_back_later()
    {
        Round(_quiet, Three);
        var rounds = 0;
        while (Round(_quiet, Three[1..]).Count == 0)
        {
            rounds++;
            Assert.Equal(Three, _quiet.Of(Three));
            Assert.InRange(rounds, 0, QuietGateways.QuietRounds);
        }

        Assert.Equal(QuietGateways.QuietRounds, rounds);
        Assert.Equal(Three[1..], _quiet.Of(Three));
        _quiet.Heard(A, 1);   // a late answer brings it back no sooner
        for (rounds = 1; rounds < QuietGateways.LeftRounds; rounds++)
        {
            Assert.Empty(Round(_quiet, Three[1..]));
            Assert.Equal(Three[1..], _quiet.Of(Three));
        }

        Assert.Empty(Round(_quiet, Three[1..]));
        Assert.Equal(Three, _quiet.Of(Three));

        // No key leads there, so it isn't judged; keys are tried until one does.
        for (rounds = 0; rounds < 3 * QuietGateways.QuietRounds; rounds++)
        {
            Assert.True(_quiet.Begin().Keys.Count > 2);
            _quiet.Heard(Three[1].AbsoluteUri, 2);
            _quiet.Heard(Three[2].AbsoluteUri, 3);
        }
    }

    [Fact]
    public void Keys_are_tried_that_nobody_has_asked_for_where_all_others_lead_elsewhere()
    {
        var tried = new HashSet<long>();
        for (var round = 0; round < 10_000; round++)
        {
            tried.UnionWith(_quiet.Begin().Keys);
        }

        Assert.InRange(tried.Count, 39_000, 40_000);
    }

    [Fact]
    public void Where_most_do_not_answer_it_is_this_node_or_too_much_load()
    {
        Round(_quiet, Three);
        for (var round = 0; round < 100; round++)
        {
            Assert.Empty(Round(_quiet, round < 50 ? [] : Three[2..]));
        }

        Assert.Equal(Three, _quiet.Of(Three));
        Assert.Empty(Round(_quiet, Three));
    }

    [Fact]
    public void A_key_that_leads_elsewhere_now_says_nothing_of_where_it_led()
    {
        Round(_quiet, Three);
        for (var round = 0; round < 3 * QuietGateways.QuietRounds; round++)
        {
            Assert.Empty(_quiet.Begin().Left);
            _quiet.Heard(Three[1].AbsoluteUri, 1);   // it led to the first one
            _quiet.Heard(Three[1].AbsoluteUri, 2);
            _quiet.Heard(Three[2].AbsoluteUri, 3);
        }
    }

    [Fact]
    public void With_two_of_which_one_is_not_known_again_the_other_one_is_left_all_the_same()
    {
        Uri[] two = [.. Three[..2]];
        _quiet.Of(two);
        Round(_quiet, two[..1]);
        for (var round = 0; round < QuietGateways.QuietRounds; round++)
        {
            Assert.Empty(_quiet.Begin().Left);
        }

        Assert.Equal([A], _quiet.Begin().Left);
        Assert.Equal(two[1..], _quiet.Of(two));
    }

    [Fact]
    public void A_refusal_is_an_answer()
    {
        Round(_quiet, Three);
        for (var round = 0; round < 3 * QuietGateways.QuietRounds; round++)
        {
            Assert.Empty(Round(_quiet, Three[1..]));
            _quiet.Answered(1);
        }
    }

    [Fact]
    public void What_has_gone_from_the_list_is_forgotten_and_started_again_it_is_another_one()
    {
        Round(_quiet, Three);
        Assert.Equal(Three[1..], _quiet.Of(Three[1..]));
        for (var round = 0; round < 3 * QuietGateways.QuietRounds; round++)
        {
            Assert.Empty(Round(_quiet, Three[1..]));
        }

        Uri[] again = [new($"{A}2"), .. Three[1..]];
        Assert.Equal(again, _quiet.Of(again));
    }

    [Fact]
    public void Whatever_happens_one_may_be_used_and_who_answered_lately_is_never_left() => Gen.Int[0, 7].Array[1, 200].Sample(rounds =>
    {
        var quiet = new QuietGateways();
        var (heard, leftIn) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        for (var i = 0; i < rounds.Length; i++)
        {
            var answering = Three.Where((_, gateway) => (rounds[i] & (1 << gateway)) != 0).ToArray();
            var usable = quiet.Of(Three);
            foreach (var left in Round(quiet, answering))
            {
                leftIn[left] = i;
                Assert.True(heard[left] < i - QuietGateways.QuietRounds);
            }

            Assert.True(leftIn.Values.Count(round => i - round < QuietGateways.LeftRounds) < Three.Length, "all of them are left");
            foreach (var gateway in answering.Where(usable.Contains))
            {
                heard[gateway.AbsoluteUri] = i;
            }
        }
    });

    private static IReadOnlyList<string> Round(QuietGateways quiet, IEnumerable<Uri> answering)
    {
        var left = quiet.Begin().Left;
        foreach (var gateway in answering)
        {
            quiet.Heard(gateway.AbsoluteUri, Array.IndexOf(Three, gateway) + 1);
        }

        return left;
    }
}
