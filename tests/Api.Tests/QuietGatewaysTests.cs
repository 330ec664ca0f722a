using Actors.Api.Hosting;
using CsCheck;

namespace Actors.Api.Tests;

/// <summary>A gateway that doesn't answer while others do is left for a while; no other is, and never all of them.</summary>
public sealed class QuietGatewaysTests
{
    private static readonly Uri[] Three = [.. Enumerable.Range(1, 3).Select(i => new Uri($"gwy.tcp://10.0.0.{i}:30000/1"))];

    private static string A => Three[0].AbsoluteUri;

    [Fact]
    public void One_that_goes_quiet_is_left_after_a_second_of_rounds_and_comes_back_later()
    {
        var quiet = new QuietGateways();
        Round(quiet, Three);
        var rounds = 0;
        while (Round(quiet, Three[1..]).Count == 0)
        {
            rounds++;
            Assert.Equal(Three, quiet.Of(Three));
            Assert.InRange(rounds, 0, QuietGateways.QuietRounds);
        }

        Assert.Equal(QuietGateways.QuietRounds, rounds);
        Assert.Equal(Three[1..], quiet.Of(Three));
        quiet.Heard(A);   // a late answer brings it back no sooner
        for (rounds = 1; rounds < QuietGateways.LeftRounds; rounds++)
        {
            Assert.Empty(Round(quiet, Three[1..]));
            Assert.Equal(Three[1..], quiet.Of(Three));
        }

        Assert.Empty(Round(quiet, Three[1..]));
        Assert.Equal(Three, quiet.Of(Three));

        // Until it has answered again nobody judges it: it may be a silo that doesn't know the question.
        for (rounds = 0; rounds < 3 * QuietGateways.QuietRounds; rounds++)
        {
            Assert.Empty(Round(quiet, Three[1..]));
        }
    }

    [Fact]
    public void Where_nobody_answers_it_is_this_node_that_has_no_network()
    {
        var quiet = new QuietGateways();
        Round(quiet, Three);
        for (var round = 0; round < 100; round++)
        {
            Assert.Empty(Round(quiet, []));
        }

        Assert.Equal(Three, quiet.Of(Three));
        Assert.Empty(Round(quiet, Three));
    }

    [Fact]
    public void What_has_gone_from_the_list_is_forgotten_and_started_again_it_is_another_one()
    {
        var quiet = new QuietGateways();
        Round(quiet, Three);
        Assert.Equal(Three[1..], quiet.Of(Three[1..]));
        for (var round = 0; round < 3 * QuietGateways.QuietRounds; round++)
        {
            Assert.Empty(Round(quiet, Three[1..]));
        }

        Uri[] again = [new($"{A}2"), .. Three[1..]];
        Assert.Equal(again, quiet.Of(again));
    }

    [Fact]
    public void Whatever_happens_there_is_one_left_and_who_answered_lately_is_never_left() => Gen.Int[0, 7].Array[1, 200].Sample(rounds =>
    {
        var quiet = new QuietGateways();
        var heard = new Dictionary<string, int>();
        for (var i = 0; i < rounds.Length; i++)
        {
            var answering = Three.Where((_, gateway) => (rounds[i] & (1 << gateway)) != 0).ToArray();
            var usable = quiet.Of(Three);
            Assert.NotEmpty(usable);
            foreach (var left in Round(quiet, answering))
            {
                Assert.True(heard[left] < i - QuietGateways.QuietRounds);
            }

            foreach (var gateway in answering.Where(usable.Contains))
            {
                heard[gateway.AbsoluteUri] = i;
            }
        }
    });

    private static IReadOnlyList<string> Round(QuietGateways quiet, IEnumerable<Uri> answering)
    {
        var left = quiet.Begin();
        foreach (var gateway in answering)
        {
            quiet.Heard(gateway.AbsoluteUri);
        }

        return left;
    }
}
