using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>Where a business and its template would stand by the shadow policy: fed with the real history, and nothing follows from it.</summary>
public sealed class ShadowConductTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>, IAsyncLifetime
{
    private const string Ann = "operator:ann";

    /// <summary>Twenty reports among sixty delivered to are a burst; and a week of no marketing is two.</summary>
    private static readonly (string, string)[] Stricter =
    [
        ("Enforcement:BurstDelivered", "50"), ("Enforcement:BurstReports", "20"), ("Enforcement:NoMarketingFirst", "14.00:00:00"),
    ];

    private TestNode Node => running.Node;

    private PolicyBook Book => (PolicyBook)Node.Services.GetService(typeof(PolicyBook))!;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync() => await SetAsync();

    [Fact]
    public async Task A_spammer_whom_it_would_strike_is_not_struck_and_nothing_else_differs()
    {
        await SetAsync();
        var without = await SpamAsync();
        await SetAsync(Stricter);
        var with = await SpamAsync();
        Assert.Equal(without.Seen, with.Seen);

        var lease = (await Node.Business(with.Business).LeaseAsync(null))!;
        var tried = lease.Business.Tried!;
        Assert.Equal((Restriction.Warning, Restriction.NoMarketing), (lease.Business.Restriction, tried.Restriction));
        Assert.Equal(Book.Shadow!.Id, tried.Shadow);
        Assert.InRange((tried.RestrictedUntil!.Value - lease.Now).TotalDays, 13.9, 14);

        // It is kept over a restart, and dropped when the shadow has ended.
        await running.RestartAsync();
        Assert.Equal(tried.RestrictedUntil, (await Node.Business(with.Business).LeaseAsync(null))!.Business.Tried!.RestrictedUntil);
        await SetAsync();
        Assert.Null((await Node.Business(with.Business).LeaseAsync(null))!.Business.Tried);
        await Node.Business(with.Business).FoldAsync([]);
        Assert.Null((await Node.StoredAsync(with.Business)).Tried);
    }

    [Fact]
    public async Task What_operators_do_is_done_there_too_and_an_appeal_concerns_the_strike_for_the_same()
    {
        await SetAsync(Stricter);
        var business = await Folding.NewSenderAsync(Node);
        var grain = Node.Business(business);
        await grain.FoldAsync(Given.Red(business, 0, Node.Ledger.Clock.Now));
        Assert.Equal((Restriction.None, Restriction.Warning), await StandsAsync(grain));

        // The first strike there is, the second that the shadow counts: their numbers differ.
        await grain.RecordViolationAsync("scam", "sold air", Ann);
        Assert.Equal((Restriction.Warning, Restriction.NoMarketing), await StandsAsync(grain));
        await grain.AppealAsync(1, "it was water", $"business:{business}");
        await grain.DecideAppealAsync(1, true, "water indeed", Ann);
        Assert.Equal((Restriction.None, Restriction.Warning), await StandsAsync(grain));

        await grain.LockAsync("taken over", Ann);
        Assert.True((await grain.LeaseAsync(null))!.Business.Tried!.IsLocked);
        await grain.UnlockAsync("owner back", Ann);
        Assert.Equal((Restriction.None, Restriction.Warning), await StandsAsync(grain));

        await grain.VerifyAsync(Verification.Verified, official: false, "", Ann);
        Assert.Equal(LimitTier.Second, (await grain.LeaseAsync(null))!.Business.Tried!.Limit);
        await grain.SetLimitAsync(LimitTier.Fourth, "known", Ann);
        Assert.Equal(LimitTier.Fourth, (await grain.LeaseAsync(null))!.Business.Tried!.Limit);
    }

    [Fact]
    public async Task A_limit_that_it_would_raise_stays_as_it_is()
    {
        await SetAsync(("Limit:UsePercent", "10"), ("Quality:KnownFrom", "20"));
        var business = await Folding.NewSenderAsync(Node);
        var at = Node.Ledger.Clock.Now;
        var delivered = Enumerable.Range(1, 30).Select(i => new EventLine(
            i, i, new UserEvent(EventKind.Delivered, at, business, Quality: QualityMark.Of(true, true)), null));
        await Node.Business(business).FoldAsync([.. delivered]);
        var view = (await Node.Business(business).LeaseAsync(null))!.Business;
        Assert.Equal((LimitTier.First, QualityBand.Unknown), (view.Limit, view.Quality));
        Assert.Equal((LimitTier.Second, QualityBand.Green), (view.Tried!.Limit, view.Tried.Quality));
    }

    [Fact]
    public async Task A_template_that_it_would_pause_is_not_paused()
    {
        await SetAsync(("Quality:KnownFrom", "20"), ("Templates:FirstPause", "00:01:00"));
        var business = await Folding.NewSenderAsync(Node);
        var template = Node.Template(business, "hello");
        var id = Assert.Single(await template.GetAsync()).Id;
        var (epoch, events) = ((await Node.Business(business).LeaseAsync(null))!.Epoch, await EventsAsync(business));

        ImmutableArray<EventLine> red = Given.Red(business, id, Node.Ledger.Clock.Now);
        await template.FoldAsync([.. red[..25], .. red[60..]]);
        Assert.Equal((TemplateStatus.Approved, TemplateStatus.Paused), await StatusAsync(template));
        Assert.Equal(epoch, (await Node.Business(business).LeaseAsync(null))!.Epoch);
        Assert.Equal(events, await EventsAsync(business));
        await running.RestartAsync();
        template = Node.Template(business, "hello");
        Assert.Equal((TemplateStatus.Approved, TemplateStatus.Paused), await StatusAsync(template));

        // An operator's stop is a stop there, too.
        await template.StopAsync(id, "scam", Ann);
        Assert.Equal((TemplateStatus.Disabled, TemplateStatus.Disabled), await StatusAsync(template));
        await SetAsync();
        await template.FoldAsync([]);
        Assert.Null(Assert.Single((await Node.StoredAsync(business, "hello")).Languages).Tried);
    }

    [Fact]
    public async Task By_the_policys_own_numbers_it_stands_as_it_does_whatever_happens()
    {
        await SetAsync(("Enforcement:BurstReports", "20"), ("Quality:HalfLife", "2.00:00:00"));
        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new Random(seed);
            var business = await Folding.NewSenderAsync(Node);
            var (grain, template) = (Node.Business(business), Node.Template(business, "hello"));
            var id = Assert.Single(await template.GetAsync()).Id;
            var (seq, strikes) = (0L, 0);
            for (var step = 0; step < 25; step++)
            {
                switch (random.Next(9))
                {
                    case 0:
                        strikes = (await grain.RecordViolationAsync("scam", "again", Ann))!.Strikes.Length;
                        break;
                    case 1:
                        await grain.UnlockAsync("enough", Ann);
                        break;
                    case 2:
                        await grain.AppealAsync(random.Next(strikes + 1), "no", $"business:{business}");
                        break;
                    case 3:
                        await grain.DecideAppealAsync(random.Next(strikes + 1), random.Next(2) == 0, "so", Ann);
                        break;
                    case 4 when random.Next(3) == 0:
                        await grain.SetLimitAsync((LimitTier)random.Next(5), "so", Ann);
                        break;
                    case 5 when random.Next(3) == 0:
                        await grain.VerifyAsync(Verification.Verified, official: false, "", Ann);
                        break;
                    default:
                        var (at, signal) = (Node.Ledger.Clock.Now, random.Next(4) == 0);
                        ImmutableArray<EventLine> lines =
                        [
                            .. Enumerable.Range(0, random.Next(1, 60)).Select(_ => new EventLine(++seq, seq, signal
                                ? new UserEvent(EventKind.Reported, at, business, Quality: QualityMark.Of(NegativeSignal.Report, null, id))
                                : new UserEvent(EventKind.Delivered, at, business, Template: id, Quality: QualityMark.Of(true, true)), null)),
                        ];
                        await grain.FoldAsync(lines);
                        await template.FoldAsync(lines);
                        break;
                }

                var view = (await grain.LeaseAsync(null))!.Business;
                Assert.Equal(
                    new TriedBusiness(
                        Book.Shadow!.Id, view.Status == BusinessStatus.Locked, view.Restriction, view.RestrictedUntil, view.Quality, view.Limit),
                    view.Tried);
                var (real, tried) = await StatusAsync(template);
                Assert.Equal(real, tried);
            }
        }
    }

    /// <summary>A business that has been struck once and is reported by many, and what is seen of that: events, audit, epochs, and where it stands.</summary>
    private async Task<(long Business, string Seen)> SpamAsync()
    {
        var business = await Folding.NewSenderAsync(Node);
        var grain = Node.Business(business);
        await grain.RecordViolationAsync("scam", "sold air", Ann);
        await grain.FoldAsync(Given.Red(business, Ids.Template(business, 0), Node.Ledger.Clock.Now));
        await grain.FoldAsync([]);
        var (lease, stands) = ((await grain.LeaseAsync(null))!, (await grain.EnforcementAsync())!);
        var audit = (await Node.Reads.AuditAsync(0, 1_000)).Where(line => line.Business == business).Select(line => $"{line.Actor} {line.Action} {line.Note}");
        var view = lease.Business;
        return (business, string.Join('\n', (await EventsAsync(business)).Concat(audit)
            .Append($"{lease.Epoch} {view.Status} {view.Restriction} {view.Tier} {view.Quality} {view.Limit} {stands.Strikes.Length}")));
    }

    private async Task<IReadOnlyList<string>> EventsAsync(long business)
    {
        // All that has been written: what is told of the business's last change becomes readable in a moment.
        var horizon = await Node.Ledger.Store.ReadHorizonAsync(TestContext.Current.CancellationToken);
        var events = await Node.Ledger.Store.ReadEventsAsync(business, 0, horizon, 1_000, TestContext.Current.CancellationToken);
        return [.. events.Select(e => $"{e.Event.Kind} {e.Text?.Length}")];   // their instants and ids differ, and are as long
    }

    private static async Task<(Restriction Real, Restriction Tried)> StandsAsync(IBusinessGrain grain)
    {
        var view = (await grain.LeaseAsync(null))!.Business;
        return (view.Restriction, view.Tried!.Restriction);
    }

    private static async Task<(TemplateStatus Real, TemplateStatus Tried)> StatusAsync(ITemplateGrain template)
    {
        var view = Assert.Single(await template.GetAsync());
        return (view.Status, view.Tried!.Status);
    }

    private async Task SetAsync(params (string Key, string Text)[] numbers)
    {
        var before = Book.Shadow;
        var policy = Node.Grains.GetGrain<IPolicyGrain>(0);
        Assert.Empty(await policy.SetShadowAsync([.. numbers.Select(number => new PolicyValue(number.Key, [number.Text]))], Ann));
        while (numbers.Length == 0 ? Book.Shadow is not null : Book.Shadow is null || Book.Shadow == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
