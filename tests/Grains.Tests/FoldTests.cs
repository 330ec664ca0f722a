using System.Text.Json;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Ledger;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>What users do counts exactly once for the quality of businesses and templates, whatever fails in between.</summary>
public abstract class FoldTests<TDatabase> : IAsyncLifetime
    where TDatabase : IDatabase, new()
{
    private readonly TDatabase _database = new();
    private TestNode _node = null!;
    private FaultyStore _store = null!;
    private FaultyGrainStorage _state = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_users_do_counts_for_the_business_and_for_the_template_once()
    {
        var business = await Folding.NewSenderAsync(_node);
        var other = await Folding.NewSenderAsync(_node);
        var users = await Folding.DeliverAsync(_node, business, 6);
        await Folding.DeliverAsync(_node, other, 2);
        await Folding.BlockAsync(_node, business, users[..2]);
        await _node.User(users[2]).ReportAsync(business, ComplaintReason.Spam, null, block: true);
        await _node.User(users[3]).StopMarketingAsync(business);
        await Folding.CountedAsync(_node, business, 6, 2);
        await Folding.CountedAsync(_node, other, 2, 0);

        var counts = (await _node.StoredAsync(business)).Conduct!.Counts;
        Assert.Equal((1, 1, 0), (counts.Reports.Count, counts.OptOuts.Count, counts.NotInterested.Count));
        Assert.Equal(41, counts.NegativeTenths, 0.01);
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was()
    {
        var business = await Folding.NewSenderAsync(_node);
        await Folding.DeliverAsync(_node, business, 3);
        await Folding.CountedAsync(_node, business, 3, 0);
        var place = await _node.Fold().WakeAsync();
        await RestartAsync();
        Assert.True(await _node.Ledger.Store.ReadPositionAsync("fold", CancellationToken.None) >= place);
        await Folding.DeliverAsync(_node, business, 2);
        await Folding.CountedAsync(_node, business, 5, 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_place_that_may_not_be_noted_is_noted_later(bool wasWritten)
    {
        var business = await Folding.NewSenderAsync(_node);
        await _node.FoldedAsync();
        var lost = 0;
        Task LoseThree(long place) => Interlocked.Increment(ref lost) <= 3 ? FaultyStore.Away() : Task.CompletedTask;
        _ = wasWritten ? _store.AfterPosition = LoseThree : _store.BeforePosition = LoseThree;
        await Folding.DeliverAsync(_node, business, 3);
        await Folding.CountedAsync(_node, business, 3, 0);
        Assert.True(lost > 3, $"{lost} were lost");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_of_a_band_that_the_ledger_may_not_have_is_told_once(bool wasAppended)
    {
        var business = await Folding.NewSenderAsync(_node);
        var tries = 0;
        Task LoseSome(GrainChange change) => change.Events.Any(e => e.Kind == EventKind.QualityChanged) && Interlocked.Increment(ref tries) % 3 != 0
            ? FaultyStore.Away()
            : Task.CompletedTask;
        _ = wasAppended ? _store.AfterAppend = LoseSome : _store.BeforeAppend = LoseSome;
        var users = await Folding.DeliverAsync(_node, business, 60);
        await _node.FoldedAsync();
        await Folding.BlockAsync(_node, business, users[..20]);
        await Folding.CountedAsync(_node, business, 60, 20);
        Assert.True(tries > 3, $"{tries} tries");
        foreach (var template in new[] { 0, Ids.Template(business, 0) })
        {
            var bands = await BandsAsync(business, template);
            Assert.Equal(bands.Count, bands.Select(change => change.To).Distinct().Count());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fold_that_dies_between_handing_over_and_noting_its_place_counts_nothing_twice(bool isNodeLost)
    {
        var business = await Folding.NewSenderAsync(_node);
        await _node.FoldedAsync();
        var handed = new TaskCompletionSource();
        _store.BeforePosition = _ =>
        {
            handed.TrySetResult();
            return FaultyStore.Away();
        };
        var users = await Folding.DeliverAsync(_node, business, 4);
        await Folding.BlockAsync(_node, business, users[..1]);
        await handed.Task;
        if (isNodeLost)
        {
            await RestartAsync();
        }
        else
        {
            await _node.ForgetAsync(_node.Fold());
            _store.BeforePosition = _ => Task.CompletedTask;
        }

        await Folding.CountedAsync(_node, business, 4, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task State_that_may_not_be_stored_is_handed_over_again_and_counts_once(bool wasWritten)
    {
        var business = await Folding.NewSenderAsync(_node);
        var (lost, writes) = (0, 0);
        Task EverySecond() => Interlocked.Increment(ref writes) % 2 == 0 ? Task.CompletedTask : Lose();
        _ = wasWritten ? _state.AfterWrite = EverySecond : _state.BeforeWrite = EverySecond;
        var users = await Folding.DeliverAsync(_node, business, 4);
        await _node.FoldedAsync();
        await Folding.BlockAsync(_node, business, users[..2]);
        await Folding.CountedAsync(_node, business, 4, 2);
        Assert.True(lost > 1, $"{lost} writes were lost");

        Task Lose()
        {
            Interlocked.Increment(ref lost);
            return FaultyGrainStorage.Lost();
        }
    }

    [Fact]
    public async Task A_grain_that_fails_holds_the_place_and_nobody_else()
    {
        var business = await Folding.NewSenderAsync(_node);
        var broken = await Folding.NewSenderAsync(_node);
        await Folding.DeliverAsync(_node, broken, 1);
        await Folding.CountedAsync(_node, broken, 1, 0);
        var place = await _node.Fold().WakeAsync();
        _store.BeforeAppend = change => change.Business == broken ? FaultyStore.Away() : Task.CompletedTask;
        await Assert.ThrowsAsync<OutageException>(() => _node.Business(broken).SetProfileAsync(new BusinessProfile { About = "x" }, "operator:ann"));

        await Folding.DeliverAsync(_node, broken, 1, epoch: 0);
        await Folding.DeliverAsync(_node, business, 2);
        while ((await _node.StoredAsync(business)).Conduct?.Counts.DeliveredInLife != 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var horizon = await _node.Ledger.Store.ReadHorizonAsync(CancellationToken.None);
        Assert.InRange(await _node.Fold().WakeAsync(), place, horizon - 1);
        Assert.Equal(1, (await _node.StoredAsync(broken)).Conduct!.Counts.DeliveredInLife);
        _store.BeforeAppend = _ => Task.CompletedTask;
        await Folding.CountedAsync(_node, broken, 2, 0);
        await Folding.CountedAsync(_node, business, 2, 0);
    }

    [Fact]
    public async Task A_ledger_that_is_away_ends_nothing()
    {
        var business = await Folding.NewSenderAsync(_node);
        await _node.FoldedAsync();
        var tried = new TaskCompletionSource();
        _store.BeforeEvents = () =>
        {
            tried.TrySetResult();
            return FaultyStore.Away();
        };
        await Folding.DeliverAsync(_node, business, 2);
        await tried.Task;
        _store.BeforeEvents = () => Task.CompletedTask;
        await Folding.CountedAsync(_node, business, 2, 0);
    }

    [Fact]
    public async Task Signals_make_a_business_yellow_or_red_which_is_an_event_and_shows()
    {
        var business = await Folding.NewSenderAsync(_node);
        var users = await Folding.DeliverAsync(_node, business, 60);
        await _node.FoldedAsync();
        Assert.Equal(QualityBand.Green, (await _node.Business(business).GetAsync())!.Quality);
        await Folding.BlockAsync(_node, business, users[..12]);
        await _node.FoldedAsync();
        Assert.Equal(QualityBand.Red, (await _node.Business(business).GetAsync())!.Quality);
        Assert.Equal("UNKNOWN", (await BandsAsync(business, 0))[0].From);
        Assert.Equal("GREEN", (await BandsAsync(business, Ids.Template(business, 0)))[0].To);
    }

    [Fact]
    public async Task G4_a_red_template_is_paused_and_what_was_admitted_before_is_not_committed()
    {
        var business = await Folding.NewSenderAsync(_node);
        var epoch = (await _node.Business(business).LeaseAsync(null))!.Epoch;
        var users = await Folding.DeliverAsync(_node, business, 60);
        await Folding.BlockAsync(_node, business, users[..20]);
        await _node.FoldedAsync();

        var view = Assert.Single(await _node.Template(business, "hello").GetAsync());
        var now = _node.Ledger.Clock.Now;
        Assert.Equal(Policy.Templates.TemplateStatus.Paused, view.Status);
        Assert.Equal(QualityBand.Red, view.Quality);
        Assert.InRange(view.PausedUntil!.Value - now, TimeSpan.FromHours(3) - TimeSpan.FromMinutes(5), TimeSpan.FromHours(3));
        Assert.True((await _node.Business(business).LeaseAsync(null))!.Epoch > epoch);
        var sent = await _node.User(await Given.OptedInAsync(_node, business)).SendAsync(Given.Send(business, Policy.Category.Marketing, epoch: epoch));
        Assert.Equal(SendOutcome.Stale, sent.Outcome);
        Assert.Equal("PAUSED", (await _node.Reads.TemplateAsync(view.Id))!.Status);
        Assert.Contains(await _node.Reads.AuditAsync(0, 1_000), line => line.Business == business && line is { Actor: "platform", Action: "template_paused" });
    }

    /// <summary>The changes of a band, once it is red. Each begins where the one before it ended.</summary>
    private async Task<IReadOnlyList<QualityText>> BandsAsync(long business, long template)
    {
        while (true)
        {
            var page = await _node.Reads.EventsAsync(business, 0, 1_000);
            QualityText[] changes =
            [
                .. page.Events.Where(e => e.Event.Kind == EventKind.QualityChanged && e.Event.Template == template)
                    .Select(e => JsonSerializer.Deserialize(e.Text!, GrainsJson.Default.QualityText)!),
            ];
            Assert.Equal(changes.Skip(1).Select(change => change.From), changes.SkipLast(1).Select(change => change.To));
            if (changes.Any(change => change.To == "RED"))
            {
                return changes;
            }

            await _node.Ledger.WaitForEventsAsync(page.Next, TestContext.Current.CancellationToken);
        }
    }

    private async Task StartAsync() => _node = await TestNode.StartAsync(
        _database,
        wrap: inner => _store = new FaultyStore(inner),
        wrapState: inner => _state = new FaultyGrainStorage(inner));

    private async Task RestartAsync()
    {
        await _node.DisposeAsync();
        await StartAsync();
    }
}

public sealed class FoldOnSqliteTests : FoldTests<SqliteDatabase>;

public sealed class FoldOnPostgresTests : FoldTests<PostgresDatabase>;
