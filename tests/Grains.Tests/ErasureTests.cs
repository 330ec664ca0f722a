using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Grains.Tests;

/// <summary>Erasure, on either database: looks into it afterwards.</summary>
public abstract class ErasureTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private static readonly ActionReply Changed = new(null, true);
    private readonly long _business = Given.NewBusiness();

    private TestNode Node => running.Node;

    [Fact]
    public async Task Of_somebody_erased_nothing_is_left_in_any_table_of_any_kind()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var grain = Node.User(user);
        await grain.AddDeviceAsync("the-phone-of-one");
        await grain.WriteAsync(Given.Says(_business, "hello", key: 5, body: 1));
        await grain.SetBusinessBlockAsync(_business, true);
        await Node.Grains.GetGrain<IBlockListGrain>(_business).NoteAsync([user, 4_900_000_000_001], true);
        await grain.ReportAsync(_business, ComplaintReason.Spam, null, block: false);
        Assert.Contains(await DatabaseDump.ReadAsync(running.Database), value => value.Contains($"{user}", StringComparison.Ordinal));

        Assert.Equal(Changed, await grain.EraseAsync());
        Assert.Equal(new ActionReply(null, false), await grain.EraseAsync());
        await SweepAsync(TimeSpan.FromDays(8));

        var dump = await DatabaseDump.ReadAsync(running.Database);
        Assert.DoesNotContain(dump, value => value.Contains($"{user}", StringComparison.Ordinal));
        Assert.DoesNotContain(dump, value => value.Contains("the-phone-of-one", StringComparison.Ordinal));
        Assert.Equal([4_900_000_000_001], await Node.Grains.GetGrain<IBlockListGrain>(_business).ListAsync(0, 10));
        Assert.Contains(await Node.Reads.AuditAsync(0, 1_000), line => line is { Action: "user_erased", Actor: "user", Target.Length: 64 });
    }

    [Fact]
    public async Task What_was_not_delivered_fails_and_whoever_listens_hears_it()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var first = (await Node.User(user).SendAsync(Given.Send(_business))).Message;
        var second = (await Node.User(user).SendAsync(Given.Send(_business))).Message;
        await Node.User(user).AdvanceAsync(first, MessageStatus.Delivered);
        await Node.User(user).EraseAsync();

        var events = await EventsAsync(line => line.Event.Kind == EventKind.Failed);
        Assert.Equal([(user, second)], events.Where(line => line.Event.Kind == EventKind.Failed).Select(line => (line.User, line.Event.Message)));
        await SweepAsync(TimeSpan.FromHours(1));
        events = await EventsAsync(line => line.Event.Kind == EventKind.Failed);
        Assert.Equal(5, events.Count);
        Assert.True(Assert.Single(events.Select(line => line.User).Distinct()) < 0);
    }

    [Fact]
    public async Task A_send_that_races_with_an_erasure_is_erased_with_the_rest_or_refused()
    {
        for (var race = 0; race < 15; race++)
        {
            var user = await Given.OptedInAsync(Node, _business);
            var sends = Enumerable.Range(0, 6).Select(_ => Node.User(user).SendAsync(Given.Send(_business))).ToList();
            var erased = Node.User(user).EraseAsync();
            sends.AddRange(Enumerable.Range(0, 6).Select(_ => Node.User(user).SendAsync(Given.Send(_business))));
            var replies = await Task.WhenAll(sends);
            Assert.Equal(Changed, await erased);
            Assert.All(
                replies.Where(reply => reply.Outcome != SendOutcome.Accepted),
                reply => Assert.Contains(reply.Reason, new Reason?[] { Reason.NoRelation, Reason.ConsentMissing }));
            Assert.Empty(await Node.Reads.UserMessagesAsync(user, 0, 100));
            Assert.Equal(SendOutcome.Refused, (await Node.User(user).SendAsync(Given.Send(_business))).Outcome);
        }
    }

    [Fact]
    public async Task A_new_list_of_opt_ins_cant_undo_a_stop_and_the_users_own_word_can()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var grain = Node.User(user);
        await grain.StopMarketingAsync(_business);
        var before = Node.Ledger.Clock.Now;
        await grain.EraseAsync();
        foreach (var tombstone in new[] { true, false })
        {
            if (!tombstone)
            {
                await SweepAsync(TimeSpan.FromDays(8));
                await Node.ForgetAsync(grain);
            }

            Assert.Equal(ActionRefusal.TakenAwayByUser, (await OptInAsync(Categories.All)).Refusal);
            Assert.Equal(ActionRefusal.TakenAwayByUser, (await OptInAsync(Categories.Marketing)).Refusal);
            var old = Given.OptIn(_business, before - TimeSpan.FromMilliseconds(1), categories: Categories.Utility);
            Assert.Equal(ActionRefusal.OlderThanWithdrawal, (await grain.OptInAsync(old)).Refusal);
        }

        Assert.Equal(Changed, await OptInAsync(Categories.Utility));
        Assert.Equal(Changed, await grain.OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now, byUser: true, Categories.Marketing)));
        Assert.Equal(SendOutcome.Accepted, (await grain.SendAsync(Given.Send(_business, Category.Marketing))).Outcome);

        // Erased once more: what was given meanwhile isn't taken.
        await grain.EraseAsync();
        Assert.Equal(Changed, await OptInAsync(Categories.All));

        Task<ActionReply> OptInAsync(Categories categories) => grain.OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now, categories: categories));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task What_was_turned_off_for_all_businesses_stays_off_until_the_user_turns_it_on(bool businesses, bool marketing)
    {
        var grain = Node.User(Given.NewUser());
        await grain.SetPreferencesAsync(new Preferences(businesses, marketing, []));
        await grain.EraseAsync();
        Assert.Equal(ActionRefusal.TakenAwayByUser, (await OptInAsync(Categories.Marketing)).Refusal);
        Assert.Equal(marketing ? ActionRefusal.TakenAwayByUser : null, (await OptInAsync(Categories.Utility)).Refusal);

        // The same as the defaults, and still the user's word.
        Assert.Null((await grain.SetPreferencesAsync(new Preferences(true, true, []))).Refusal);
        Assert.Null((await OptInAsync(Categories.All)).Refusal);

        Task<ActionReply> OptInAsync(Categories categories) => grain.OptInAsync(Given.OptIn(_business, Node.Ledger.Clock.Now, categories: categories));
    }

    [Fact]
    public async Task Numbers_of_messages_go_on_in_the_next_life_with_and_without_a_tombstone()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var grain = Node.User(user);
        Assert.Equal(1, (await grain.SendAsync(Given.Send(_business))).Message);
        await grain.EraseAsync();
        Assert.Equal(2, (await grain.WriteAsync(Given.Says(_business, "hello"))).Message);
        await grain.EraseAsync();
        await SweepAsync(TimeSpan.FromDays(8));
        Assert.Empty(await Node.Ledger.Store.ReadUsersAsync([user], TestContext.Current.CancellationToken));
        Assert.Equal(3, (await grain.WriteAsync(Given.Says(_business, "hello"))).Message);
        Assert.Equal([3L], (await Node.Reads.UserMessagesAsync(user, 0, 10)).Select(message => message.Number));
    }

    [Fact]
    public async Task G2_The_marketing_cap_holds_over_an_erasure()
    {
        var other = Given.NewBusiness();
        var grain = Node.User(await Given.OptedInAsync(Node, _business, other));
        Assert.Equal(SendOutcome.Accepted, (await grain.SendAsync(Given.Send(_business, Category.Marketing))).Outcome);
        Assert.Equal(SendOutcome.Accepted, (await grain.SendAsync(Given.Send(other, Category.Marketing))).Outcome);
        await grain.EraseAsync();

        var third = Given.NewBusiness();
        await grain.OptInAsync(Given.OptIn(third, Node.Ledger.Clock.Now, byUser: true));
        Assert.Equal(Reason.MarketingCap, (await grain.SendAsync(Given.Send(third, Category.Marketing))).Reason);
        Assert.Equal(SendOutcome.Accepted, (await grain.SendAsync(Given.Send(third))).Outcome);
    }

    [Fact]
    public async Task An_old_key_finds_nothing_any_more()
    {
        var grain = Node.User(await Given.OptedInAsync(Node, _business));
        Assert.Equal(SendOutcome.Accepted, (await grain.SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
        await grain.EraseAsync();
        Assert.Null(await grain.ReplayAsync(7, 1));
        Assert.Equal(SendOutcome.Refused, (await grain.SendAsync(Given.Send(_business, key: 7, body: 1))).Outcome);
    }

    [Fact]
    public async Task A_business_that_had_nothing_to_do_with_the_user_doesnt_hear_that_they_were_here()
    {
        var stranger = Given.NewBusiness();
        var user = await Given.OptedInAsync(Node, _business);
        var before = Node.Ledger.Clock.Now - TimeSpan.FromMilliseconds(1);
        await Node.User(user).EraseAsync();
        Assert.Equal(ActionRefusal.OlderThanWithdrawal, (await Node.User(user).OptInAsync(Given.OptIn(_business, before))).Refusal);
        Assert.Equal(Changed, await Node.User(user).OptInAsync(Given.OptIn(stranger, before)));

        // Nor does it hear of a later life that was with somebody else.
        await Node.User(user).EraseAsync();
        var third = Given.NewBusiness();
        Assert.Equal(ActionRefusal.OlderThanWithdrawal, (await Node.User(user).OptInAsync(Given.OptIn(stranger, before))).Refusal);
        Assert.Equal(Changed, await Node.User(user).OptInAsync(Given.OptIn(third, before)));
    }

    [Fact]
    public async Task What_a_business_reads_loses_its_person_with_the_answer_but_for_what_it_has_to_hear()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var delivered = (await Node.User(user).SendAsync(Given.Send(_business))).Message;
        var waiting = (await Node.User(user).SendAsync(Given.Send(_business))).Message;
        await Node.User(user).AdvanceAsync(delivered, MessageStatus.Delivered);
        await Node.User(user).WriteAsync(Given.Says(_business, "hello"));
        await Node.User(user).ReportAsync(_business, ComplaintReason.Spam, null, block: false);
        await Node.User(user).StopMarketingAsync(_business);
        await EventsAsync(line => line.Event.Kind == EventKind.Stopped);
        await Node.User(user).EraseAsync();

        var events = await EventsAsync(line => line.Event.Kind == EventKind.Failed);
        Assert.Equal(
            [EventKind.OptedIn, EventKind.Stopped, EventKind.Failed], events.Where(line => line.User == user).Select(line => line.Event.Kind));
        Assert.Equal(waiting, events.Single(line => line.Event.Kind == EventKind.Failed).Event.Message);
        Assert.True(Assert.Single(events.Where(line => line.User != user).Select(line => line.User).Distinct()) < 0);

        // What they do after beginning anew is theirs again.
        await Node.User(user).WriteAsync(Given.Says(_business, "hello again"));
        events = await EventsAsync(line => line.Event.Kind == EventKind.Inbound && line.User > 0);
        Assert.Equal((user, EventKind.Inbound), (events[^1].User, events[^1].Event.Kind));
        await SweepAsync(TimeSpan.FromHours(1));
        Assert.Equal([events[^1].Seq], (await EventsAsync(_ => true)).Where(line => line.User == user).Select(line => line.Seq));
    }

    [Fact]
    public async Task A_block_list_that_cant_be_changed_stops_nobody_elses_erasure_and_is_tried_again()
    {
        var (broken, user, other) = (Given.NewBusiness(), await Given.OptedInAsync(Node, _business), await Given.OptedInAsync(Node, _business));
        foreach (var business in new[] { broken, _business })
        {
            await Node.User(user).WriteAsync(Given.Says(business, "hello"));
            Assert.Equal(Changed, await Node.User(user).SetBusinessBlockAsync(business, true));
            await Node.Grains.GetGrain<IBlockListGrain>(business).NoteAsync([user], true);
        }

        await Node.User(user).EraseAsync();
        await Node.User(other).EraseAsync();
        var unlisted = new List<long>();
        await SweepAsync(TimeSpan.FromDays(8), business =>
        {
            Assert.NotEqual(broken, business);
            unlisted.Add(business);
        });
        Assert.Equal([_business], unlisted);
        var events = await EventsAsync(_ => true);
        Assert.DoesNotContain(events, line => line.User == user || line.User == other);
        Assert.Empty(await Node.Ledger.Store.ReadUsersAsync([other], TestContext.Current.CancellationToken));

        unlisted.Clear();
        await SweepAsync(TimeSpan.FromDays(8), unlisted.Add);
        Assert.Equal([broken], unlisted);
        Assert.Empty(await Node.Ledger.Store.ReadUsersAsync([user], TestContext.Current.CancellationToken));
        var dump = await DatabaseDump.ReadAsync(running.Database);
        Assert.DoesNotContain(dump, value => value.Contains($"{user}", StringComparison.Ordinal));
    }

    private Task SweepAsync(TimeSpan later) => SweepAsync(later, _ => { });

    private Task SweepAsync(TimeSpan later, Action<long> before) => new ErasureSweep(
        Node.Ledger,
        (business, user) =>
        {
            before(business);
            return Node.Grains.GetGrain<IBlockListGrain>(business).NoteAsync([user], blocked: false);
        },
        Node.Services.GetRequiredService<GrainSchema>(),
        NullLogger.Instance)
        .OnceAsync(Node.Ledger.Clock.Now + later, TestContext.Current.CancellationToken);

    /// <summary>The business's events, once there is one such.</summary>
    private async Task<IReadOnlyList<EventLine>> EventsAsync(Func<EventLine, bool> until)
    {
        while (true)
        {
            var events = (await Node.Reads.EventsAsync(_business, 0, 1_000)).Events;
            if (events.Any(until))
            {
                return events;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}

public sealed class ErasureOnSqliteTests(Running<SqliteDatabase> running) : ErasureTests<SqliteDatabase>(running);

public sealed class ErasureOnPostgresTests(Running<PostgresDatabase> running) : ErasureTests<PostgresDatabase>(running);
