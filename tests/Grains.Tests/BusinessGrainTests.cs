using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>What a business's grain does, on either database.</summary>
public abstract class BusinessGrainTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private const string Ann = "operator:ann";
    private readonly long _id = Given.NewBusiness();

    private TestNode Node => running.Node;

    private IBusinessGrain Business => Node.Business(_id);

    [Fact]
    public async Task A_business_is_registered_once_and_is_there_after_a_restart()
    {
        Assert.True(await Business.RegisterAsync(Given.Registration(_id), Ann));
        Assert.False(await Business.RegisterAsync(Given.Registration(_id, "Another"), Ann));
        await running.RestartAsync();
        var view = await Business.GetAsync();
        Assert.Equal((_id, "Bakery", Verification.NotVerified, BusinessStatus.Active), (view!.Id, view.Registration.Name, view.Verification, view.Status));
        Assert.Equal(Given.Registration(_id).Numbers, view.Registration.Numbers);
        Assert.True(view.TermsAcceptedAt.Milliseconds > 0);
    }

    [Fact]
    public async Task Of_a_business_that_is_not_registered_nothing_is_known()
    {
        Assert.Null(await Business.GetAsync());
        Assert.Null(await Business.LeaseAsync(null));
        Assert.False(await Business.SetProfileAsync(new BusinessProfile { About = "x" }, Ann));
        Assert.False(await Business.VerifyAsync(Verification.Verified, true, "", Ann));
        Assert.Null(await Business.RevokeTokensAsync(Ann));
        Assert.Null(await Business.TokenIssuedAsync("send", Ann, null));
        Assert.Equal(TemplateRefusal.BusinessUnknown, (await Business.NewTemplateAsync()).Refusal);
        Assert.DoesNotContain(await Node.Reads.BusinessesAsync(null, _id - 1, 1), line => line.Id == _id);
    }

    [Fact]
    public async Task A_profile_is_replaced_part_by_part_null_leaves_and_empty_clears()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        await Business.SetProfileAsync(new BusinessProfile { About = "bread", Email = "a@b.c", Websites = ["https://a.example"] }, Ann);
        await Business.SetProfileAsync(new BusinessProfile { About = "" }, Ann);
        await Node.ForgetAsync(Business);
        var profile = (await Business.GetAsync())!.Profile;
        Assert.Equal(("", "a@b.c", null), (profile.About, profile.Email, profile.Vertical));
        Assert.Equal(["https://a.example"], profile.Websites!.Value);
    }

    [Fact]
    public async Task Every_act_stands_in_the_audit_by_name_and_in_the_events_in_order()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        await Business.VerifyAsync(Verification.Verified, official: true, "papers seen", "operator:bob");
        Assert.Equal(0, await Business.TokenIssuedAsync("send manage", Ann, null));
        Assert.Equal(1, await Business.RevokeTokensAsync("operator:eve"));
        var audit = (await Node.Reads.AuditAsync(0, 1_000)).Where(a => a.Business == _id);
        Assert.Equal(
            [
                (Ann, "business_registered", ""),
                ("operator:bob", "business_verified", "papers seen"),
                (Ann, "token_issued", "send manage"),
                ("operator:eve", "tokens_revoked", ""),
            ],
            audit.Select(a => (a.Actor, a.Action, a.Note)));
        var events = await EventsAsync(5);
        Assert.All(events, e => Assert.Equal(_id, e.Event.Business));
        Assert.All(events.Where(e => e != events[2]), e => Assert.Equal(EventKind.BusinessChanged, e.Event.Kind));
        Assert.Equal((EventKind.LimitChanged, """{"from":"250","to":"2000","templates":6000}"""), (events[2].Event.Kind, events[2].Text));
        Assert.Contains("\"verification\":\"verified\",\"official\":true", events[^1].Text, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"Bakery\",\"status\":\"ACTIVE\"", events[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_was_revoked_since_it_was_checked_gets_no_successor()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        Assert.Equal(0, await Business.TokenIssuedAsync("send", $"business:{_id}", askedUnder: 0));

        await Business.RevokeTokensAsync(Ann);

        Assert.Null(await Business.TokenIssuedAsync("send", $"business:{_id}", askedUnder: 0));
        Assert.Equal(1, await Business.TokenIssuedAsync("send", Ann, askedUnder: null));
    }

    [Fact]
    public async Task A_registered_business_is_found_by_a_part_of_its_name()
    {
        await Business.RegisterAsync(Given.Registration(_id, $"Flowers {_id}"), Ann);
        var line = Assert.Single(await Node.Reads.BusinessesAsync($"flowers {_id}", 0, 10));
        Assert.Equal((_id, $"Flowers {_id}", "ACTIVE"), (line.Id, line.Name, line.Status));
    }

    [Fact]
    public async Task A_revocation_moves_the_epoch_and_a_profile_does_not()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        var first = await Business.LeaseAsync(null);
        await Business.SetProfileAsync(new BusinessProfile { About = "x" }, Ann);
        var second = await Business.LeaseAsync(null);
        await Business.RevokeTokensAsync(Ann);
        var third = await Business.LeaseAsync(null);
        Assert.Equal(first!.Epoch, second!.Epoch);
        Assert.Equal("x", second.Business.Profile.About);
        Assert.True(third!.Epoch > second.Epoch);
        Assert.Equal(1, third.Business.TokenEpoch);
    }

    [Fact]
    public async Task Template_ids_are_never_given_twice()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        var first = await Business.NewTemplateAsync();
        await Node.ForgetAsync(Business);
        var second = await Business.NewTemplateAsync();
        Assert.Equal((new TemplateSlot(null, Ids.Template(_id, 0)), new TemplateSlot(null, Ids.Template(_id, 1))), (first, second));
    }

    [Fact]
    public async Task Holders_of_a_lease_are_told_of_every_change()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        var holder = new Holder();
        var reference = Node.Grains.CreateObjectReference<ILeaseHolder>(holder);
        await Business.LeaseAsync(reference);
        await Business.SetProfileAsync(new BusinessProfile { About = "x" }, Ann);
        Assert.Equal(_id, await holder.Next());
        await Business.RevokeTokensAsync(Ann);
        Assert.Equal(_id, await holder.Next());
        await Business.TemplatesChangedAsync();
        Assert.Equal(_id, await holder.Next());
        GC.KeepAlive(holder);
    }

    [Fact]
    public async Task A_change_is_answered_after_every_node_has_dropped_its_lease_but_waits_for_no_dead_one()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        var (slow, dead) = (new Holder(), new Holder());
        slow.Hold = Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        dead.Hold = new TaskCompletionSource().Task;
        await Business.LeaseAsync(Node.Grains.CreateObjectReference<ILeaseHolder>(slow));
        await Business.RevokeTokensAsync(Ann);
        Assert.Equal(1, slow.Dropped);

        await Business.LeaseAsync(Node.Grains.CreateObjectReference<ILeaseHolder>(dead));
        await Business.RevokeTokensAsync(Ann);
        Assert.Equal((2, 0), (slow.Dropped, dead.Dropped));
        GC.KeepAlive(slow);
        GC.KeepAlive(dead);
    }

    [Fact]
    public async Task While_a_holder_that_cant_be_reached_delays_a_change_others_get_their_leases_and_so_does_it()
    {
        await Business.RegisterAsync(Given.Registration(_id), Ann);
        var (lost, reached) = (new TaskCompletionSource(), false);
        var holder = new Holder { Hold = lost.Task };
        var reference = Node.Grains.CreateObjectReference<ILeaseHolder>(holder);
        var lease = (await Business.LeaseAsync(reference))!;
        for (var tries = 0; !reached && tries < 5; tries++)
        {
            var before = lease.Epoch;
            var revoked = Business.RevokeTokensAsync(Ann);
            while (lease.Epoch == before)
            {
                lease = (await Business.LeaseAsync(reference))!;
            }

            reached = !revoked.IsCompleted;
            Assert.Equal(await revoked, lease.Business.TokenEpoch);
        }

        Assert.True(reached, "no lease was given before the change was answered");

        // It has a new lease, so it is told of the next change.
        lost.SetResult();
        var told = Told();
        await Business.SetProfileAsync(new BusinessProfile { About = "x" }, Ann);
        while (Told() == told)
        {
            await holder.Next();
        }

        int Told() => holder.Dropped;
    }

    [Fact]
    public async Task Businesses_whose_ids_look_alike_in_other_bases_are_kept_apart()
    {
        long[] ids = [Ids.Business(0), Ids.Business(10), Ids.Business(16), Ids.Business(0x10_0000), 0x10, 10];
        for (var i = 0; i < ids.Length; i++)
        {
            Assert.True(await Node.Business(ids[i]).RegisterAsync(Given.Registration(Ids.Business(0), $"Number {i}"), Ann));
        }

        for (var i = 0; i < ids.Length; i++)
        {
            await Node.ForgetAsync(Node.Business(ids[i]));
            Assert.Equal($"Number {i}", (await Node.Business(ids[i]).GetAsync())!.Registration.Name);
        }
    }

    private async Task<IReadOnlyList<EventLine>> EventsAsync(int count)
    {
        var events = new List<EventLine>();
        for (long after = 0; events.Count < count;)
        {
            var page = await Node.Reads.EventsAsync(_id, after, 100);
            events.AddRange(page.Events);
            after = page.Next;
            if (events.Count < count)
            {
                await Node.Ledger.WaitForEventsAsync(after, TestContext.Current.CancellationToken);
            }
        }

        return events;
    }

    private sealed class Holder : ILeaseHolder
    {
        private readonly System.Threading.Channels.Channel<long> _told = System.Threading.Channels.Channel.CreateUnbounded<long>();

        public ValueTask<long> Next() => _told.Reader.ReadAsync(TestContext.Current.CancellationToken);

        /// <summary>What it waits for before it drops.</summary>
        public Task Hold { get; set; } = Task.CompletedTask;

        public int Dropped { get; private set; }

        public async Task DropAsync(long business)
        {
            await Hold;
            Dropped++;
            await _told.Writer.WriteAsync(business);
        }
    }
}

public sealed class BusinessOnSqliteTests(Running<SqliteDatabase> running) : BusinessGrainTests<SqliteDatabase>(running);

public sealed class BusinessOnPostgresTests(Running<PostgresDatabase> running) : BusinessGrainTests<PostgresDatabase>(running);
