using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

/// <summary>Nothing that a business is shown of its users' signals, and no difference of two such things, tells of fewer than ten of them.</summary>
public sealed class SignalStepsTests
{
    private const int Floor = 10;
    private const int Templates = 3;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    // All kinds weigh 1, and nothing decays: the weight that is shown is the number of signals.
    private static readonly PolicyNumbers Plain = Numbers with
    {
        Quality = Numbers.Quality with { ReportTenths = 10, BlockTenths = 10, OptOutTenths = 10, NotInterestedTenths = 10 },
    };

    private static readonly NegativeSignal[] Kinds = Enum.GetValues<NegativeSignal>();

    // Few kinds and templates, so that groups meet, about as large as the floor. Template 0 is none; some templates come and go.
    private static readonly Gen<(NegativeSignal Kind, int Template, int Users)[]> Hours =
        Gen.Select(Gen.Int[3, 4], Gen.Int[0, Templates], Gen.OneOf(Gen.Int[0, 3], Gen.Int[1, 13]))
            .Select(deed => ((NegativeSignal)deed.Item1, deed.Item2, deed.Item3)).Array[1, 25];

    private static Conduct Signalled(Conduct conduct, NegativeSignal kind, int template, int from, int users)
    {
        for (var user = from; user < from + users; user++)
        {
            conduct = conduct.Signal(kind, user, Now, Plain, template: template);
        }

        return conduct;
    }

    private static Conduct Judged(Conduct conduct, int hour) => conduct.At(250, Plain, Now + (hour * Hour)).Next;

    /// <summary>Signals shown of a kind, of all kinds, and of the templates.</summary>
    private static long Of(Conduct conduct, NegativeSignal kind) => conduct.Shown.Of(kind).ShownCount ?? 0;

    private static long Whole(Conduct conduct) => Count(conduct.Shown);

    private static long Of(Conduct conduct, int template) =>
        conduct.Templates?.Shown.FirstOrDefault(share => share.Template == template) is { } share ? Count(share.Counts) : 0;

    private static long Count(QualityCounts counts) => (long)Math.Round(counts.AsShown().NegativeTenths / 10);

    private static void Enough(long users) => Assert.True(users is 0 or >= Floor, $"tells of {users}");

    [Theory]
    [InlineData(9, null)]
    [InlineData(10, 10L)]
    [InlineData(11, 11L)]
    public void A_kind_is_shown_from_ten_different_users_on(int users, long? shown)
    {
        var conduct = Judged(Signalled(new Conduct(), NegativeSignal.Block, 0, 0, users), 1);
        Assert.Equal((shown, null), (conduct.Shown.Blocks.ShownCount, conduct.Shown.Reports.ShownCount));
        Assert.Equal(shown ?? 0, Whole(conduct));

        // And then the next ten, not the next one.
        conduct = Judged(Signalled(conduct, NegativeSignal.Block, 0, 100, 9), 2);
        Assert.Equal(users < Floor ? users + 9 : shown, conduct.Shown.Blocks.ShownCount);
        Assert.Equal(users + 9, conduct.Counts.Blocks.Count);
        var more = users < Floor ? Floor : 1;
        Assert.Equal(users + 9 + more, Judged(Signalled(conduct, NegativeSignal.Block, 0, 200, more), 3).Shown.Blocks.ShownCount);
    }

    [Fact]
    public void One_user_who_signals_again_and_again_is_one()
    {
        var conduct = new Conduct();
        for (var day = 0; day < 30; day++)
        {
            conduct = Judged(conduct.Signal(NegativeSignal.Report, 1, Now + (day * Day), Numbers), 24 * day);
        }

        Assert.Equal((30, null, null), (conduct.Counts.Reports.Count, conduct.Shown.Reports.ShownCount, conduct.Shown.ShownTenths));
    }

    [Fact]
    public void What_is_hidden_with_several_templates_shows_in_the_whole_only()
    {
        var conduct = Signalled(Signalled(new Conduct(), NegativeSignal.Block, 1, 0, 4), NegativeSignal.Block, 2, 100, 5);
        conduct = Judged(Signalled(conduct, NegativeSignal.Block, 0, 200, 1), 1);
        Assert.Equal((10, 0, 0), (Whole(conduct), Of(conduct, 1), Of(conduct, 2)));
        conduct = Judged(Signalled(conduct, NegativeSignal.Block, 1, 300, 9), 2);
        Assert.Equal((10, 0), (Whole(conduct), Of(conduct, 1)));
        conduct = Judged(Signalled(conduct, NegativeSignal.Block, 1, 400, 1), 3);
        Assert.Equal((20, 10), (Whole(conduct), Of(conduct, 1)));
    }

    [Fact]
    public void Looking_again_and_again_tells_of_whole_groups_only() => Hours.Sample(deeds =>
    {
        var (before, next) = (new Conduct(), 0);
        foreach (var (kind, template, users) in deeds)
        {
            var now = Judged(Signalled(before, kind, template, next * 100, users), ++next);
            foreach (var one in Kinds)
            {
                Enough(Of(now, one) - Of(before, one));
            }

            for (var bits = 0; bits < 1 << Templates; bits++)
            {
                var some = Enumerable.Range(1, Templates).Where(t => (bits & (1 << (t - 1))) != 0).ToArray();
                Enough(Whole(now) - some.Sum(t => Of(now, t)));
                Enough(some.Sum(t => Of(now, t)) - some.Sum(t => Of(before, t)));
                Enough(Whole(now) - some.Sum(t => Of(now, t)) - (Whole(before) - some.Sum(t => Of(before, t))));
            }

            Assert.Equal(Whole(now), Kinds.Sum(one => Of(now, one)));
            before = now;
        }
    });

    [Fact]
    public void Nothing_is_lost_what_is_shown_and_hidden_is_all_that_came() => Hours.Sample(deeds =>
    {
        var conduct = new Conduct();
        foreach (var ((kind, template, users), hour) in deeds.Select((deed, hour) => (deed, hour)))
        {
            conduct = Judged(Signalled(conduct, kind, template, hour * 100, users), hour);
        }

        foreach (var kind in Kinds)
        {
            var hidden = conduct.Templates?.Shares.Sum(share => share.Counts.Of(kind).Hidden?.Count ?? 0) ?? 0;
            Assert.Equal(conduct.Counts.Of(kind).Count, (conduct.Counts.Of(kind).ShownCount ?? 0) + (conduct.Counts.Of(kind).Hidden?.Count ?? 0) + hidden);
        }
    });

    [Fact]
    public void A_template_that_is_kept_no_longer_leaves_what_is_hidden_to_the_others()
    {
        var conduct = Signalled(new Conduct(), NegativeSignal.Block, 1, 0, 6);
        for (var template = 2; template <= TemplateShares.Max + 1; template++)
        {
            conduct = conduct.Deliver(Now, Plain, 1, template);
        }

        Assert.DoesNotContain(conduct.Templates!.Shares, share => share.Template == 1);
        Assert.Equal((6, 6), (conduct.Counts.Blocks.Hidden!.Value.Count, conduct.Counts.Blocks.Users.Length));
        Assert.Equal(0, Whole(Judged(conduct, 1)));
        Assert.Equal(10, Whole(Judged(Signalled(conduct, NegativeSignal.Block, 0, 100, 4), 1)));
    }

    [Fact]
    public void What_is_shown_weighs_what_it_weighs_and_decays()
    {
        var conduct = new Conduct().Deliver(Now, Numbers, 100);
        for (var user = 0; user < 10; user++)
        {
            conduct = conduct.Signal(NegativeSignal.Report, user, Now, Numbers, template: user < 5 ? 1 : 2);
        }

        var later = Now + TimeSpan.FromHours(48);
        conduct = conduct.Deliver(later, Numbers).At(250, Numbers, later).Next;
        var shown = conduct.Shown.AsShown();
        Assert.Equal((51, 10), shown.ReadAt(later, Numbers.Quality));
        Assert.Equal(conduct.Counts.ReadAt(later + Day, Numbers.Quality).Negative, shown.ReadAt(later + Day, Numbers.Quality).Negative, 9);
    }

    [Fact]
    public void Marks_that_an_older_build_kept_count_for_nothing()
    {
        var old = new SignalTally { Count = 9, Users = [1, 2, 3, 4, 5, 6, 7, 8, 9] };
        var conduct = new Conduct { Counts = new QualityCounts { Blocks = old } };
        Assert.Null(Judged(Signalled(conduct, NegativeSignal.Block, 0, 0, 9), 1).Shown.Blocks.ShownCount);
        Assert.Equal(10, Judged(Signalled(conduct, NegativeSignal.Block, 0, 0, 10), 1).Shown.Blocks.ShownCount);
    }
}
