using Actors.Policy.Businesses;
using CsCheck;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Businesses;

public sealed class TemplateSharesTests
{
    private static readonly Gen<(long Template, int Delivered, int Blocks, int Hours)> _something =
        Gen.Select(Gen.Long[1, 5], Gen.Int[1, 40], Gen.Int[0, 5], Gen.Int[0, 100]);

    [Fact]
    public void The_shares_of_few_templates_add_up_to_the_whole() => _something.Array[1, 30].Sample(deeds =>
    {
        var conduct = new Conduct();
        foreach (var (template, delivered, blocks, hours) in deeds)
        {
            var at = Now + TimeSpan.FromHours(hours);
            conduct = conduct.Deliver(at, Numbers, delivered, template);
            for (var user = 0; user < blocks; user++)
            {
                conduct = conduct.Signal(NegativeSignal.Block, user, at, Numbers, template: template);
            }
        }

        var later = Now + TimeSpan.FromHours(200);
        var whole = conduct.Counts.ReadAt(later, Numbers.Quality);
        var parts = conduct.Templates!.Shares.Select(share => share.Counts.ReadAt(later, Numbers.Quality)).ToList();
        Assert.Equal(whole.Delivered, parts.Sum(part => part.Delivered), 9);
        Assert.Equal(whole.Negative, parts.Sum(part => part.Negative), 9);
        Assert.Equal(conduct.Counts.Blocks.Count, conduct.Templates!.Shares.Sum(share => share.Counts.Blocks.Count));
        Assert.Equal(deeds.Select(deed => deed.Template).Distinct().Order(), conduct.Templates!.Shares.Select(share => share.Template).Order());
    });

    [Fact]
    public void Beyond_the_bound_the_one_delivered_least_goes_whatever_was_said_of_it()
    {
        var conduct = new Conduct();
        for (var template = 1; template <= TemplateShares.Max; template++)
        {
            conduct = conduct.Deliver(Now, Numbers, template == 5 ? 9 : 10, template);
        }

        conduct = conduct.Signal(NegativeSignal.Report, 7, Now, Numbers, template: 5);
        Assert.Equal(TemplateShares.Max, conduct.Templates!.Shares.Length);
        var next = conduct.Deliver(Now, Numbers, 1, template: 100);
        Assert.Equal(TemplateShares.Max, next.Templates!.Shares.Length);
        Assert.Equal([5L], conduct.Templates!.Shares.Select(share => share.Template).Except(next.Templates!.Shares.Select(share => share.Template)));
        Assert.Contains(100, next.Templates!.Shares.Select(share => share.Template));
        Assert.Equal(conduct.Templates!.Shares, conduct.Deliver(Now, Numbers).Templates!.Shares);
    }

    [Fact]
    public void What_a_score_would_be_without_a_template()
    {
        var conduct = new Conduct().Deliver(Now, Numbers, 100, template: 1).Deliver(Now, Numbers, 50, template: 2);
        for (var user = 0; user < 20; user++)
        {
            conduct = conduct.Signal(NegativeSignal.Block, user, Now, Numbers, template: 2);
        }

        var expected = new Conduct().Deliver(Now, Numbers, 100).Counts;
        var later = Now + Day;
        Assert.Equal(
            Quality.TermsAt(expected, Numbers.Quality, later).Score,
            Quality.TermsWithout(conduct.Counts, conduct.Templates!.Shares[1].Counts, Numbers.Quality, later).Score, 9);
        Assert.Equal(
            Quality.TermsAt(QualityCounts.None, Numbers.Quality, later).Score,
            Quality.TermsWithout(expected, conduct.Counts, Numbers.Quality, later).Score, 9);
    }
}
