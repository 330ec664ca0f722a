using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>
/// What <see cref="HalfYearTests"/> calculates day by day, in short on a real node: sends, ledger, fold, grains and audit. The ledger's clock goes on by days
/// while the node is down.
/// </summary>
public sealed class CareerTests : IAsyncLifetime
{
    private const string Ann = "operator:ann";

    private readonly SqliteDatabase _database = new();
    private TimeSpan _ahead;
    private TestNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_restriction_ends_on_its_own_over_a_restart_though_nobody_calls_meanwhile()
    {
        var (looks, sends) = (await StruckTwiceAsync(), await StruckTwiceAsync());
        await PassAsync(TimeSpan.FromHours(12));
        Assert.Equal(Reason.BusinessRestricted, (await SendAsync(looks)).Reason);
        await PassAsync(TimeSpan.FromHours(12));

        // The first call of all: the send itself.
        Assert.Equal(SendOutcome.Accepted, (await SendAsync(sends)).Outcome);
        Assert.Equal((2, Restriction.None), await StandingAsync(sends));
    }

    [Fact]
    public async Task A_business_goes_from_red_to_locked_appeals_and_returns_and_all_of_it_is_told()
    {
        var business = await Folding.NewSenderAsync(_node);
        var users = await Folding.DeliverAsync(_node, business, 100);   // less than what raises its limit
        await Folding.BlockAsync(_node, business, users.Take(80));
        await _node.FoldedAsync();
        Assert.Equal(QualityBand.Red, (await _node.Business(business).QualityAsync(full: true))!.Band);

        // A day of red, with half of its limit delivered in it.
        await PassAsync(TimeSpan.FromHours(2));
        await Folding.DeliverAsync(_node, business, 130);
        await _node.FoldedAsync();
        await PassAsync(TimeSpan.FromHours(22.5));
        await _node.Business(business).FoldAsync([]);
        var struck = (await _node.Business(business).EnforcementAsync())!;
        Assert.Equal((1, Restriction.Warning, StrikeCause.SustainedRed), (struck.Tier, struck.Restriction, Assert.Single(struck.Strikes).Cause));

        for (var strike = 2; strike <= 6; strike++)
        {
            await _node.Business(business).RecordViolationAsync("scam", "again", Ann);
        }

        Assert.Equal((6, Restriction.Locked), await StandingAsync(business));
        Assert.Equal(Reason.BusinessLocked, (await SendAsync(business)).Reason);
        await PassAsync(TimeSpan.FromDays(1));
        Assert.Null((await _node.Business(business).AppealAsync(6, "it was not us", $"business:{business}"))!.Refusal);
        await _node.Business(business).DecideAppealAsync(6, reversed: true, "indeed", "operator:bob");
        Assert.Equal((5, Restriction.Nothing), await StandingAsync(business));
        Assert.Equal(Reason.BusinessRestricted, (await SendAsync(business)).Reason);

        await PassAsync(TimeSpan.FromDays(29));
        Assert.Equal(SendOutcome.Accepted, (await SendAsync(business)).Outcome);
        await _node.Business(business).FoldAsync([]);
        var audit = (await _node.Reads.AuditAsync(0, 1_000)).Where(entry => entry.Business == business).Select(entry => (entry.Actor, entry.Action)).ToArray();
        (string, string)[] steps =
        [
            ("platform", "quality_changed"), ("platform", "business_struck"), (Ann, "violation_recorded"), ($"business:{business}", "appeal_filed"),
            ("operator:bob", "appeal_reversed"), ("platform", "restriction_ended"),
        ];
        Assert.Equal(steps, audit.Where(steps.Contains).Distinct());
        Assert.Equal(5, audit.Count(step => step == (Ann, "violation_recorded")));
    }

    /// <summary>A business that may send no marketing for a day.</summary>
    private async Task<long> StruckTwiceAsync()
    {
        var business = await Folding.NewSenderAsync(_node);
        await _node.Business(business).RecordViolationAsync("scam", "sold air", Ann);
        await _node.Business(business).RecordViolationAsync("scam", "sold air again", Ann);
        Assert.Equal((2, Restriction.NoMarketing), await StandingAsync(business));
        return business;
    }

    /// <summary>Marketing to somebody new, by a new lease.</summary>
    private async Task<SendReply> SendAsync(long business) =>
        await new LeasedSender(_node, business).SendAsync(await Given.OptedInAsync(_node, business), Category.Marketing);

    private async Task<(int Tier, Restriction Restriction)> StandingAsync(long business) =>
        (await _node.Business(business).EnforcementAsync()) is { } view ? (view.Tier, view.Restriction) : default;

    private async Task StartAsync()
    {
        var ahead = _ahead;
        _node = await TestNode.StartAsync(_database, wrap: inner => new FaultyStore(inner) { ShowClock = shown => shown + ahead });
    }

    private async Task PassAsync(TimeSpan length)
    {
        await _node.DisposeAsync();
        _ahead += length;
        await StartAsync();
    }
}
